import { Tensor } from 'onnxruntime-common';
import { takeData } from './decode.ts';
import type { Sam3Networks } from './networks.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Phrases whose tokens are kept, those used last: 32 kB each at most. */
const KEPT = 64;

/** The words that stand for examples without words, as in training. */
export const LIKE_THESE = 'visual';

/** Tells what phrases mean to the detector. Case and spaces make no difference. */
export interface PhraseReader {
	/**
	 * Tells whether a phrase can be read, as far as that is known at once.
	 * @throws CodedError `words-empty`, `words-long`
	 */
	check(words: string): void;
	/**
	 * A token of the phrase after the other, without padding: [n, C].
	 * @throws CodedError `words-empty`, `words-long`
	 */
	tokens(words: string): Promise<Float32Array>;
	/** Gives back what it holds. */
	dispose(): Promise<void>;
}

/** Phrases with the same words, letter for letter. */
export function normalisePhrase(words: string): string {
	return words.trim().toLowerCase().replace(/\s+/g, ' ');
}

/** Reads phrases with the text encoder, once each. It owns the network. */
export class Phrases implements PhraseReader {
	readonly #networks: Pick<Sam3Networks, 'text'>;
	readonly #tokenizer: Tokenizer;
	readonly #known = new Map<string, Promise<Float32Array>>();

	constructor(networks: Pick<Sam3Networks, 'text'>, tokenizer: Tokenizer) {
		this.#networks = networks;
		this.#tokenizer = tokenizer;
	}

	check(words: string): void {
		this.#tokenizer.encode(words);
	}

	tokens(words: string): Promise<Float32Array> {
		const phrase = normalisePhrase(words);
		const tokens = this.#known.get(phrase) ?? this.#encode(phrase);
		// What is used last comes last.
		this.#known.delete(phrase);
		this.#known.set(phrase, tokens);
		if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
		tokens.catch(() => this.#known.delete(phrase));
		return tokens;
	}

	dispose(): Promise<void> {
		return this.#networks.text.release();
	}

	async #encode(phrase: string): Promise<Float32Array> {
		const { ids, mask, length } = this.#tokenizer.encode(phrase);
		const { text } = await this.#networks.text.run({
			ids: new Tensor('int64', ids, [1, ids.length]),
			mask: new Tensor('bool', mask, [1, mask.length])
		});
		const channels = text!.dims[2]!;
		return (await takeData(text!)).slice(0, length * channels);
	}
}
