import { webModelIds, type WebModel, type WebModelId } from '../../server/protocol/web-model.ts';
import { KeptModels } from './kept-models.ts';
import { downloadModel, type OnProgress } from './obtain.ts';
import { removeAlone, lockOf } from './taking-turns.ts';
import type { KeptModel, KeptWeights, ModelsApi } from './types.ts';

interface Download {
	readonly ended: Promise<unknown>;
	readonly stop: AbortController;
}

/** The models that this browser keeps, and the downloads of one tab. */
export class ModelKeeping implements ModelsApi {
	readonly #downloads = new Map<WebModelId, Download>();

	async list(): Promise<readonly KeptModel[]> {
		const models = await KeptModels.need();
		const { held = [] } = await navigator.locks.query();
		return Promise.all(
			webModelIds.map(async (id) => {
				const [kept, part] = await Promise.all([models.find(id), models.findPart(id)]);
				const running = held.some(({ name }) => name === lockOf(id));
				return {
					id,
					...(kept && { kept: weightsOf(kept.about) }),
					...(part && { part: { ...weightsOf(part.about), here: part.here, running } })
				};
			})
		);
	}

	async download(id: WebModelId, onProgress: OnProgress): Promise<void> {
		const known = this.#downloads.get(id);
		if (known && !known.stop.signal.aborted) return void (await known.ended);
		await known?.ended.catch(() => {}); // told to who began it
		const stop = new AbortController();
		const ended = downloadModel(id, onProgress, stop.signal).finally(() => this.#downloads.delete(id));
		this.#downloads.set(id, { ended, stop });
		await ended;
	}

	async stop(id: WebModelId): Promise<void> {
		const download = this.#downloads.get(id);
		download?.stop.abort();
		await download?.ended.catch(() => {}); // told to who began it
	}

	async discard(id: WebModelId): Promise<void> {
		const models = await KeptModels.need();
		await removeAlone(id, () => models.discard(id));
	}

	async remove(id: WebModelId): Promise<void> {
		const models = await KeptModels.need();
		await removeAlone(id, () => models.remove(id));
	}
}

function weightsOf({ weights, form, bytes, standIn }: WebModel): KeptWeights {
	return { weights, form, bytes, standIn };
}
