import { CodedError } from '../../models/errors.ts';
import { appError, errorBody } from '../../server/protocol/errors.ts';
import { canonicalJson } from '../../server/protocol/key.ts';
import { routes } from '../../server/protocol/routes.ts';
import { webModel, webModelPreparing, type WebModel } from '../../server/protocol/web-model.ts';
import { fetchWeights } from './fetch-weights.ts';
import { KeptModels } from './kept-models.ts';

export interface ObtainedModel {
	readonly about: WebModel;
	readonly weights: Blob;
}

/** What a model is waited for: the server makes its file ready, or it is on its way. */
export type ObtainStage = 'prepare' | 'download';

/** Told how many bytes are made or have arrived, of how many; of 0 while that is not known. */
export type OnProgress = (stage: ObtainStage, done: number, total: number) => void;

/** Whoever fetches a file holds this lock, in all tabs. */
export function lockOf({ sha256 }: Pick<WebModel, 'sha256'>): string {
	return `model ${sha256}`;
}

/** Milliseconds between two questions about a model that is being made, besides the time that the server itself waits. */
const PAUSE = 250;

/**
 * A model with its weights: those that this browser keeps, while the server has no others or is away; else they are fetched and kept.
 * @throws CodedError `storage-refused`, `storage-full`, `server-away`, `download-wrong`, and what the server says, as `model-absent`; the
 * signal's reason when it is aborted, and what has arrived is gone on with the next time
 */
export async function obtainModel(
	id: string,
	onProgress: OnProgress,
	signal = new AbortController().signal
): Promise<ObtainedModel> {
	const models = await KeptModels.open();
	if (!models) throw appError('storage-refused');
	const kept = await models.find(id);
	const about = await ask(id, onProgress, signal).catch((error: unknown) => {
		if (kept && error instanceof CodedError && error.code === 'server-away') return kept.about;
		throw error;
	});
	if (kept && isSame(kept.about, about)) return kept;
	// Another tab may be fetching the same.
	return navigator.locks.request(lockOf(about), { signal }, async () => {
		const made = await models.find(id);
		if (made && isSame(made.about, about)) return made;
		// A newer program may tell of the very same weights in another way.
		const isHere = made?.about.sha256 === about.sha256;
		return {
			about,
			weights: isHere ? await models.settle(about) : await fetchAndKeep(about, models, onProgress, signal)
		};
	});
}

/** Whether all that is told of two models is the same. */
function isSame(a: WebModel, b: WebModel): boolean {
	return canonicalJson(a) === canonicalJson(b);
}

async function fetchAndKeep(
	about: WebModel,
	models: KeptModels,
	onProgress: OnProgress,
	signal: AbortSignal
): Promise<File> {
	const target = await models.write(about);
	try {
		await fetchWeights(about, target, {
			onBytes: (bytes) => onProgress('download', bytes, about.bytes),
			signal
		});
	} catch (error) {
		target.close();
		// What was cut off is gone on with; what is wrong is of no use.
		if (error instanceof CodedError && error.code === 'download-wrong') await models.discard(about.model);
		throw error;
	}
	target.close();
	return models.settle(about);
}

/** What the server tells of a model, once it has made its file ready. */
async function ask(id: string, onProgress: OnProgress, signal: AbortSignal): Promise<WebModel> {
	for (;;) {
		const answer = await fetch(routes.webModel(id), { cache: 'no-store', signal }).catch((error: unknown) => {
			signal.throwIfAborted();
			throw appError('server-away', {}, { cause: error });
		});
		const json: unknown = await answer.json().catch(() => undefined);
		signal.throwIfAborted();
		const waiting = answer.status === 202 && webModelPreparing.safeParse(json);
		if (waiting && waiting.success) {
			const { done, total } = waiting.data.preparing;
			onProgress('prepare', done, total);
			await new Promise((resolve) => setTimeout(resolve, PAUSE));
			continue;
		}
		const told = webModel.safeParse(json);
		if (answer.ok && told.success) return told.data;
		const refusal = errorBody.safeParse(json);
		if (!answer.ok && refusal.success) throw appError(refusal.data.code, refusal.data.params);
		throw appError(answer.status >= 500 ? 'server-away' : 'answer-invalid', {}, { cause: answer.status });
	}
}
