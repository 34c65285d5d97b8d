import { modelError } from '../../models/errors.ts';
import type { WebRuntime } from '../../models/runtime.web.ts';
import { LIKE_THESE, normalisePhrase, type PhraseReader } from '../../models/sam3/phrases.ts';
import { appError, toErrorBody } from '../../server/protocol/errors.ts';
import type { WebModel } from '../../server/protocol/web-model.ts';
import { KeptModels } from '../models/kept-models.ts';
import { KeptPhrases } from './kept-phrases.ts';
import { askPhrase } from './phrase-answer.ts';

/** Where phrases are read that this browser has not kept. */
export interface PhraseSources {
	/** Phrases that are at hand without any of the others. */
	readonly known: ReadonlyMap<string, Float32Array>;
	readonly kept: Pick<KeptPhrases, 'get' | 'put'>;
	/** Asks the server. @throws CodedError `server-away`, `words-…` and others */
	readonly ask: typeof askPhrase;
	/** What reads words in this browser; undefined where it is not kept. */
	readonly openLocal: () => Promise<PhraseReader | undefined>;
}

/**
 * Reads phrases for a SAM 3 in this browser: what comes with it, those kept from before, on the server, or, without one, with the text encoder where this
 * browser keeps that.
 */
export function openPhrases(
	{ weights, constants }: Pick<WebModel, 'weights' | 'constants'>,
	runtime: WebRuntime
): PhraseReader {
	return new RemotePhrases(weights, {
		known: new Map(constants && [[LIKE_THESE, Float32Array.from(constants.likeThese)]]),
		kept: new KeptPhrases(),
		ask: askPhrase,
		openLocal: async () => {
			const found = await (await KeptModels.open())?.find('sam3-text');
			if (found?.about.weights !== weights) return undefined;
			const { openPhrasesWeb } = await import('../../models/sam3/phrases.web.ts');
			return openPhrasesWeb(runtime, found.about, found.weights);
		}
	});
}

export class RemotePhrases implements PhraseReader {
	#local: Promise<PhraseReader | undefined> | undefined;
	/** What is being read now. */
	readonly #reading = new Map<string, Promise<Float32Array>>();

	/** @param weights SHA-256 of the weights that the phrases are for */
	constructor(
		private readonly weights: string,
		private readonly sources: PhraseSources
	) {}

	/** How long a phrase may be is known to who reads it. */
	check(words: string): void {
		if (normalisePhrase(words) === '') throw modelError('words-empty');
	}

	/**
	 * @throws CodedError besides, `words-offline` where nobody reads them: the server is away, or has other weights; where it is there and
	 * refuses, what it says
	 */
	async tokens(words: string): Promise<Float32Array> {
		this.check(words);
		const phrase = normalisePhrase(words);
		const known = this.#reading.get(phrase);
		if (known) return known;
		const reading = this.#read(phrase).finally(() => this.#reading.delete(phrase));
		this.#reading.set(phrase, reading);
		return reading;
	}

	async dispose(): Promise<void> {
		await (await this.#local?.catch(() => undefined))?.dispose();
	}

	async #read(phrase: string): Promise<Float32Array> {
		const { known, kept, ask } = this.sources;
		const found = known.get(phrase) ?? (await kept.get(this.weights, phrase));
		if (found) return found;
		let problem: unknown;
		try {
			const { weights, tokens } = await ask(phrase);
			if (weights === this.weights) {
				await kept.put(weights, phrase, tokens);
				return tokens;
			}
		} catch (error) {
			// What is wrong with the words is wrong everywhere.
			if (toErrorBody(error)?.code.startsWith('words-')) throw error;
			problem = error;
		}
		const local = await this.#openLocal();
		if (local) return local.tokens(phrase);
		if (problem !== undefined && toErrorBody(problem)?.code !== 'server-away') throw problem;
		throw appError('words-offline', {}, { cause: problem });
	}

	/** Looks again each time until it is there, since it may be fetched meanwhile. */
	async #openLocal(): Promise<PhraseReader | undefined> {
		const local = (this.#local ??= this.sources.openLocal());
		const opened = await local.catch((error: unknown) => {
			this.#local = undefined;
			throw error;
		});
		if (!opened) this.#local = undefined;
		return opened;
	}
}
