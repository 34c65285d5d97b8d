import { CodedError, modelError } from '../../models/errors.ts';
import { appError, errorBody } from '../../server/protocol/errors.ts';
import { canonicalJson } from '../../server/protocol/key.ts';
import { routes } from '../../server/protocol/routes.ts';
import { webModel, webModelPreparing, type WebModel } from '../../server/protocol/web-model.ts';
import { fetchWeights } from './fetch-weights.ts';
import { KeptModels } from './kept-models.ts';
import { lockOf, Removed, untilRemoved } from './taking-turns.ts';

export interface ObtainedModel {
	readonly about: WebModel;
	readonly weights: Blob;
}

/** What a model is waited for: the server makes its file ready, or it is on its way. */
export type ObtainStage = 'prepare' | 'download';

/** Told how many bytes are made or have arrived, of how many; of 0 while that is not known. */
export type OnProgress = (stage: ObtainStage, done: number, total: number) => void;

/** Milliseconds between two questions about a model that is being made, besides the time that the server itself waits. */
const PAUSE = 250;

/**
 * A model with its weights, to compute with: those that the server has, fetched and kept where they are not yet; what is kept already
 * serves while the server hands out nothing.
 * @throws CodedError as `downloadModel`; `weights-absent` when it was removed meanwhile, in this tab or another; the signal's reason
 */
export function obtainModel(
	id: string,
	onProgress: OnProgress,
	signal?: AbortSignal
): Promise<ObtainedModel> {
	const work = async (signal: AbortSignal) => {
		const models = await KeptModels.need();
		const kept = await models.find(id);
		const about = await ask(id, onProgress, signal).catch((error: unknown) => {
			if (kept && error instanceof CodedError) return kept.about;
			throw error;
		});
		return keep(about, models, onProgress, signal);
	};
	return untilRemoved(id, work, signal).catch((error: unknown) => {
		throw error instanceof Removed ? modelError('weights-absent', { file: id }) : error;
	});
}

/**
 * Fetches what the server has of a model and keeps it, unless that is kept already.
 * @throws CodedError `storage-refused`, `storage-full`, `server-away`, `download-wrong`, and what the server says, as `model-absent`; the
 * signal's reason when it is aborted, an AbortError when the model was removed meanwhile: what has arrived, and was not removed, is gone
 * on with the next time
 */
export function downloadModel(
	id: string,
	onProgress: OnProgress,
	signal?: AbortSignal
): Promise<ObtainedModel> {
	const work = async (signal: AbortSignal) =>
		keep(await ask(id, onProgress, signal), await KeptModels.need(), onProgress, signal);
	return untilRemoved(id, work, signal);
}

async function keep(
	about: WebModel,
	models: KeptModels,
	onProgress: OnProgress,
	signal: AbortSignal
): Promise<ObtainedModel> {
	const kept = await models.find(about.model);
	if (kept && isSame(kept.about, about)) return kept;
	// Another tab may be fetching the same.
	return navigator.locks.request(lockOf(about.model), { signal }, async () => {
		signal.throwIfAborted();
		const made = await models.find(about.model);
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
		// What was cut off is gone on with; what is wrong is of no use, and what was removed must not come back.
		const isWrong = error instanceof CodedError && error.code === 'download-wrong';
		if (isWrong || error instanceof Removed) await models.discard(about.model);
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
