import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { smallConfig } from './small-checkpoint.fixture.node.ts';
import { createTokenizer, mostTokens } from './tokenizer.ts';

const source = readFileSync(new URL('sentencepiece/small.spm', import.meta.url));
const vocabulary = { '</s>': 0, '<unk>': 1, '▁': 2, 穿: 3, 红: 4, 的人: 5, '▁the': 6, '▁person': 7, s: 8 };
const config = { ...smallConfig, eos_token_id: 0 };
const tokenizer = createTokenizer({ source, vocabulary }, config);

describe('words as tokens', () => {
	it('end with the token that says so; what the vocabulary lacks is unknown', () => {
		expect(tokenizer.encode('穿红衣的人')).toEqual([2, 3, 4, 1, 5, 0]);
	});

	it('that say nothing are refused', () => {
		for (const text of ['', ' \n', '　']) expect(() => tokenizer.encode(text)).toThrow(/words-empty/);
	});

	it('that are too many are refused', () => {
		expect(tokenizer.encode('红'.repeat(mostTokens - 2))).toHaveLength(mostTokens);
		expect(() => tokenizer.encode('红'.repeat(mostTokens - 1))).toThrow(
			expect.objectContaining({ code: 'words-long', params: { tokens: mostTokens, limit: mostTokens - 1 } })
		);
	});
});

describe('tokens as words', () => {
	it('leave out what has no text', () => {
		expect(tokenizer.decode([6, 7, 8, 1, 999, 0, config.pad_token_id])).toBe('the persons');
	});
});

it.each([
	['no object', []],
	['no numbers', { '<unk>': 'one' }],
	['no unknown token', { a: 1 }],
	['more than the embeddings', { '<unk>': 1, a: config.vocab_size }]
])('a vocabulary that is %s is told', (_, vocabulary) => {
	expect(() => createTokenizer({ source, vocabulary }, config)).toThrow(
		expect.objectContaining({
			code: 'weights-damaged',
			params: expect.objectContaining({ file: 'vocab.json' })
		})
	);
});
