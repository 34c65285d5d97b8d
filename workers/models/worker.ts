import { appError } from '../../server/protocol/errors.ts';
import { webModelIds, type WebModel, type WebModelId } from '../../server/protocol/web-model.ts';
import { expose } from '../rpc.ts';
import { KeptModels } from './kept-models.ts';
import { lockOf, obtainModel } from './obtain.ts';
import type { KeptWeights, ModelsApi } from './types.ts';

interface Download {
	readonly ended: Promise<unknown>;
	readonly stop: AbortController;
}

const downloads = new Map<WebModelId, Download>();

expose({
	async list() {
		const models = await openModels();
		const { held = [] } = await navigator.locks.query();
		return Promise.all(
			webModelIds.map(async (id) => {
				const [kept, part] = await Promise.all([models.find(id), models.findPart(id)]);
				const running = part && held.some(({ name }) => name === lockOf(part.about));
				return {
					id,
					...(kept && { kept: weightsOf(kept.about) }),
					...(part && { part: { ...weightsOf(part.about), here: part.here, running: running! } })
				};
			})
		);
	},

	async download(id, onProgress) {
		const known = downloads.get(id);
		if (known && !known.stop.signal.aborted) return void (await known.ended);
		await known?.ended.catch(() => {}); // told to who began it
		const stop = new AbortController();
		const ended = obtainModel(id, onProgress, stop.signal).finally(() => downloads.delete(id));
		downloads.set(id, { ended, stop });
		await ended;
	},

	stop,

	async discard(id) {
		await stop(id);
		await (await openModels()).discard(id);
	},

	async remove(id) {
		await stop(id);
		await (await openModels()).remove(id);
	}
} satisfies ModelsApi);

async function stop(id: WebModelId): Promise<void> {
	const download = downloads.get(id);
	download?.stop.abort();
	await download?.ended.catch(() => {}); // told to who began it
}

async function openModels(): Promise<KeptModels> {
	const models = await KeptModels.open();
	if (!models) throw appError('storage-refused');
	return models;
}

function weightsOf({ weights, bytes, standIn }: WebModel): KeptWeights {
	return { weights, bytes, standIn };
}
