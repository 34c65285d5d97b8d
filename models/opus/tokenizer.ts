import { z } from 'zod';
import { modelError } from '../errors.ts';
import type { MarianConfig } from './config.ts';
import { readSentencePiece } from './sentencepiece/file.ts';
import { spaceMark } from './sentencepiece/normalise.ts';
import { Unigram } from './sentencepiece/unigram.ts';

/** Tokens of a text, or of its translation, that the translator takes at most: it is for phrases. */
export const mostTokens = 128;

/** What lies beside a checkpoint's weights. */
export interface TokenizerFiles {
	/** `source.spm`. */
	readonly source: Uint8Array;
	/** `vocab.json`, parsed: the number of each token of both languages. */
	readonly vocabulary: unknown;
}

export interface Tokenizer {
	/**
	 * A text as tokens, with the one that ends it.
	 * @throws CodedError `words-empty`, `words-long` (tokens, limit)
	 */
	encode(text: string): number[];
	/** The text of tokens; those that have none are left out. */
	decode(tokens: readonly number[]): string;
}

const vocabularySchema = z.record(z.string(), z.number().int().min(0));
const unknownToken = '<unk>';

/**
 * Makes the tokenizer of a Marian model (huggingface/transformers, tokenization_marian.py).
 * @throws CodedError `weights-damaged`, `weights-foreign`
 */
export function createTokenizer({ source, vocabulary }: TokenizerFiles, config: MarianConfig): Tokenizer {
	const pieces = new Unigram(readSentencePiece(source, 'source.spm'));
	const numbers = readVocabulary(vocabulary, config);
	const texts = new Map([...numbers].map(([text, number]) => [number, text]));
	const unknown = numbers.get(unknownToken)!;
	const silent = new Set([unknown, config.eos_token_id, config.pad_token_id]);
	return {
		encode(text) {
			const tokens = pieces.encode(text).map((piece) => numbers.get(piece) ?? unknown);
			if (tokens.length === 0) throw modelError('words-empty');
			if (tokens.length >= mostTokens)
				throw modelError('words-long', { tokens: tokens.length, limit: mostTokens - 1 });
			return [...tokens, config.eos_token_id];
		},
		decode(tokens) {
			const spoken = tokens.filter((token) => !silent.has(token));
			const text = spoken.map((token) => texts.get(token) ?? '').join('');
			return text.replaceAll(spaceMark, ' ').trim();
		}
	};
}

function readVocabulary(json: unknown, { vocab_size }: MarianConfig): ReadonlyMap<string, number> {
	const parsed = vocabularySchema.safeParse(json);
	const damaged = (reason: string) => modelError('weights-damaged', { file: 'vocab.json', reason });
	if (!parsed.success) throw damaged(parsed.error.issues[0]!.message);
	const numbers = new Map(Object.entries(parsed.data));
	if (!numbers.has(unknownToken)) throw damaged(`lacks ${unknownToken}`);
	if ([...numbers.values()].some((number) => number >= vocab_size)) throw damaged(`more than ${vocab_size}`);
	return numbers;
}
