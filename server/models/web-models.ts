import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { modelError } from '../../models/errors.ts';
import type { ModelStore } from '../../models/hub/store.node.ts';
import { findModel, type ModelId } from '../../models/registry.ts';
import type { Look, State } from '../engines/catalogue.ts';
import { limited } from '../limit.ts';
import { appError, toErrorBody } from '../protocol/errors.ts';
import {
	webModelBytes,
	webModelForms,
	webModelIds,
	webModelSources,
	type Preparation,
	type WebModelId,
	type WebModelOffer
} from '../protocol/web-model.ts';
import type { ServedModel } from './web-model-file.ts';
import { writeApart } from './write-apart.ts';

export interface WebModelsParts {
	readonly store: ModelStore;
	/** What of a model is on this machine. */
	readonly stateOf: (model: ModelId, look: Look) => Promise<Pick<State, 'problem' | 'weights' | 'standIn'>>;
	/** A folder of ours that can be written. */
	readonly cache: string;
	readonly log: Pick<Logger, 'warn'>;
	readonly write?: typeof writeApart;
	/** Milliseconds that a request waits for a model that is being made, so that one that is made soon comes with the first answer. */
	readonly wait?: number;
}

/** A file that is being made, or was. */
interface Making {
	readonly id: WebModelId;
	readonly stop: AbortController;
	readonly served: Promise<ServedModel>;
	/** While it is being made. */
	progress?: Preparation;
	/** Which is told to the next one who asks, and then tried again. */
	failed?: true;
}

/** The models that compute in browsers: their weights in half precision or 4 bits, in one file, made once and one at a time. */
export class WebModels {
	/** By model and the SHA-256 of the weights that it is made from. */
	readonly #made = new Map<string, Making>();
	readonly #closing = new AbortController();
	readonly #write;

	constructor(private readonly parts: WebModelsParts) {
		this.#write = limited(1, parts.write ?? writeApart);
	}

	/** What browsers can have, and how far its making is. */
	offers(): Promise<WebModelOffer[]> {
		return Promise.all(
			webModelIds.map(async (id) => {
				const { problem, weights, standIn } = await this.parts.stateOf(webModelSources[id], 'glance');
				const making = weights === undefined ? undefined : this.#made.get(keyOf(id, weights));
				const made = making && !making.progress ? await making.served.catch(() => undefined) : undefined;
				return {
					...{ id, weights, form: webModelForms[id], standIn, problem: toErrorBody(problem) },
					...{ bytes: made?.about.bytes ?? webModelBytes[id], preparing: making?.progress }
				};
			})
		);
	}

	/**
	 * A model, or how far it is: its making begins with the first request. Waits for a moment.
	 * @throws CodedError as `of`
	 */
	async ask(id: string): Promise<ServedModel | Preparation> {
		const known = webModelIdOf(id);
		const { problem, weights } = await this.parts.stateOf(webModelSources[known], 'glance');
		// Its files have to be read before it has a name.
		if (problem?.code === 'model-reading') return this.#soon(() => ({ done: 0, total: 0 }));
		if (problem) throw problem;
		const making = await this.#get(known, weights!);
		return this.#told(making, Promise.race([making.served, this.#soon(() => making.progress!)]));
	}

	/**
	 * A model, once it is made.
	 * @throws CodedError `model-unknown` where browsers cannot have it, `model-absent`, `model-damaged`, `weights-…`, `disk-full`, `engine-died`
	 */
	async of(id: string): Promise<ServedModel> {
		const known = webModelIdOf(id);
		const { problem, weights } = await this.parts.stateOf(webModelSources[known], 'whole');
		if (problem) throw problem;
		const making = await this.#get(known, weights!);
		return this.#told(making, making.served);
	}

	/** Removes what was made from a model's weights, and ends what is being made. */
	async remove(model: ModelId): Promise<void> {
		const { name } = findModel(model)!;
		const ids = webModelIds.filter((id) => webModelSources[id] === model);
		const made = [...this.#made].filter(([, { id }]) => ids.includes(id));
		for (const [key, { stop }] of made) {
			this.#made.delete(key);
			stop.abort(modelError('model-absent', { name }));
		}
		await Promise.all(made.map(([, { served }]) => served.catch(() => {}))); // told to who asked for it
		await Promise.all(ids.map((id) => rm(join(this.parts.cache, id), { recursive: true, force: true })));
	}

	/** Ends what is being made. */
	close(): void {
		this.#closing.abort();
	}

	/** Whoever asks meanwhile waits for the same file. */
	async #get(id: WebModelId, weights: string): Promise<Making> {
		const key = keyOf(id, weights);
		const known = this.#made.get(key);
		if (known && (known.failed || known.progress || (await isThere(known)))) return known;
		// Someone removed it; whoever sees that first makes it anew.
		const newer = this.#made.get(key);
		return newer && newer !== known ? newer : this.#make(id, weights);
	}

	async #soon<T>(tell: () => T): Promise<T> {
		await setTimeout(this.parts.wait ?? 1000, undefined, { ref: false });
		return tell();
	}

	async #told<T>(making: Making, answer: Promise<T>): Promise<T> {
		try {
			return await answer;
		} catch (error) {
			for (const [key, known] of this.#made) if (known === making) this.#made.delete(key);
			throw error;
		}
	}

	#make(id: WebModelId, weights: string): Making {
		const { store, cache, log } = this.parts;
		const folder = store.folder(findModel(webModelSources[id])!);
		const stop = new AbortController();
		const making: Making = {
			...{ id, stop },
			progress: { done: 0, total: webModelBytes[id] },
			served: this.#write(
				{ id, folder, weights, cache: join(cache, id) },
				{
					signal: AbortSignal.any([this.#closing.signal, stop.signal]),
					onProgress: (progress) => (making.progress = progress),
					onLine: (line) => log.warn({ model: id }, line)
				}
			).catch((error: unknown) => {
				making.failed = true;
				throw error;
			})
		};
		const key = keyOf(id, weights);
		this.#made.set(key, making);
		const over = () => (making.progress = undefined);
		making.served.then(over, over);
		return making;
	}
}

function keyOf(id: WebModelId, weights: string): string {
	return `${id} ${weights}`;
}

function webModelIdOf(id: string): WebModelId {
	const known = webModelIds.find((each) => each === id);
	if (!known) throw appError('model-unknown', { id });
	return known;
}

async function isThere({ served }: Making): Promise<boolean> {
	const { path } = await served;
	return stat(path).then(
		() => true,
		() => false
	);
}
