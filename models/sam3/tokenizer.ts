import { Tokenizer as Encoder } from '@huggingface/tokenizers';
import { modelError } from '../errors.ts';
import type { Sam3Config } from './config.ts';

/** A phrase as the text encoder takes it. */
export interface Phrase {
	/** Begin, words and end, then the end again as padding, as many as the model reads. */
	readonly ids: BigInt64Array;
	/** 1 for the phrase with its begin and end, 0 for the padding. */
	readonly mask: Uint8Array;
	/** How many the mask has. */
	readonly length: number;
}

/** Turns words into the tokens that the text encoder knows. */
export interface Tokenizer {
	/** @throws CodedError `words-empty`, `words-long` */
	encode(words: string): Phrase;
}

/**
 * CLIP's byte pair encoding (Radford et al., 2021): lower case, at most `max_position_embeddings` tokens with begin and end.
 * @param json the checkpoint's `tokenizer.json`, parsed
 * @throws CodedError `weights-damaged` when it is none, or not of this checkpoint
 */
export function createTokenizer(json: unknown, { detector_config }: Sam3Config): Tokenizer {
	const {
		max_position_embeddings: limit,
		bos_token_id: begin,
		eos_token_id: end
	} = detector_config.text_config;
	const encoder = open(json, [begin, end]);
	return {
		encode(words) {
			const { ids } = encoder.encode(words);
			const length = ids.length;
			const around = 2;
			if (length <= around) throw modelError('words-empty');
			if (length > limit) {
				throw modelError('words-long', { tokens: length - around, limit: limit - around });
			}
			const padded = new BigInt64Array(limit).fill(BigInt(end));
			padded.set(ids.map(BigInt));
			return { ids: padded, mask: new Uint8Array(limit).fill(1, 0, length), length };
		}
	};
}

/** @param empty the tokens of no words at all */
function open(json: unknown, empty: readonly number[]): Encoder {
	const damaged = (reason: string, cause?: unknown) =>
		modelError('weights-damaged', { file: 'tokenizer.json', reason }, { cause });
	if (typeof json !== 'object' || json === null) throw damaged('it is no tokenizer');
	let encoder: Encoder;
	let ids: number[];
	try {
		encoder = new Encoder(json, {});
		({ ids } = encoder.encode(''));
	} catch (error) {
		throw damaged('it is no tokenizer', error);
	}
	if (ids.join() !== empty.join())
		throw damaged(`begin and end are ${ids.join(', ')}, not ${empty.join(', ')}`);
	return encoder;
}
