import { CodedError } from '../../models/errors.ts';
import { appError, errorBody } from '../../server/protocol/errors.ts';
import { canonicalJson } from '../../server/protocol/key.ts';
import { routes } from '../../server/protocol/routes.ts';
import { webModel, type WebModel } from '../../server/protocol/web-model.ts';
import { fetchWeights } from './fetch-weights.ts';
import { KeptModels } from './kept-models.ts';

export interface ObtainedModel {
	readonly about: WebModel;
	readonly weights: Blob;
}

/**
 * A model with its weights: those that this browser keeps, while the server has no others or is away; else they are fetched and kept.
 * @param onBytes told how many bytes have arrived, of how many
 * @throws CodedError `storage-refused`, `storage-full`, `server-away`, `download-wrong`, and what the server says, as `model-absent`
 */
export async function obtainModel(
	id: string,
	onBytes: (bytes: number, total: number) => void
): Promise<ObtainedModel> {
	const models = await KeptModels.open();
	if (!models) throw appError('storage-refused');
	const kept = await models.find(id);
	const about = await ask(id).catch((error: unknown) => {
		if (kept && error instanceof CodedError && error.code === 'server-away') return kept.about;
		throw error;
	});
	if (kept && isSame(kept.about, about)) return kept;
	// Another tab may be fetching the same.
	return navigator.locks.request(`model ${about.sha256}`, async () => {
		const made = await models.find(id);
		if (made && isSame(made.about, about)) return made;
		// A newer program may tell of the very same weights in another way.
		const isHere = made?.about.sha256 === about.sha256;
		return {
			about,
			weights: isHere ? await models.settle(about) : await fetchAndKeep(about, models, onBytes)
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
	onBytes: (bytes: number, total: number) => void
): Promise<File> {
	const target = await models.write(about);
	try {
		await fetchWeights(about, target, (bytes) => onBytes(bytes, about.bytes));
	} catch (error) {
		target.close();
		// What was cut off is gone on with; what is wrong is of no use.
		if (error instanceof CodedError && error.code === 'download-wrong') await models.discard(about);
		throw error;
	}
	target.close();
	return models.settle(about);
}

/** What the server tells of a model. */
async function ask(id: string): Promise<WebModel> {
	const answer = await fetch(routes.webModel(id), { cache: 'no-store' }).catch((error: unknown) => {
		throw appError('server-away', {}, { cause: error });
	});
	const json: unknown = await answer.json().catch(() => undefined);
	const told = webModel.safeParse(json);
	if (answer.ok && told.success) return told.data;
	const refusal = errorBody.safeParse(json);
	if (!answer.ok && refusal.success) throw appError(refusal.data.code, refusal.data.params);
	throw appError(answer.status >= 500 ? 'server-away' : 'answer-invalid', {}, { cause: answer.status });
}
