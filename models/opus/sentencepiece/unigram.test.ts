import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSentencePiece } from './file.ts';
import { Unigram } from './unigram.ts';

/** A model that the library sentencepiece 0.2.2 made of a few phrases, and the pieces that it cuts texts into. */
const bytes = readFileSync(new URL('small.spm', import.meta.url));
const expected = JSON.parse(readFileSync(new URL('small.json', import.meta.url), 'utf8')) as Record<
	string,
	string[]
>;

describe('the pieces of a text', () => {
	const unigram = new Unigram(readSentencePiece(bytes, 'small.spm'));

	it.each(Object.entries(expected))('%j are those of the library', (text, pieces) => {
		expect(unigram.encode(text)).toEqual(pieces);
	});
});

describe('a file of pieces', () => {
	it('that ends too early is told', () => {
		for (const length of [1, 100, bytes.length - 1]) {
			expect(() => readSentencePiece(bytes.subarray(0, length), 'source.spm')).toThrow(
				expect.objectContaining({
					code: 'weights-damaged',
					params: expect.objectContaining({ file: 'source.spm' })
				})
			);
		}
	});

	it('without pieces is told', () => {
		expect(() => readSentencePiece(new Uint8Array(), 'source.spm')).toThrow(/weights-damaged/);
	});

	it('of another kind of model is told', () => {
		// TrainerSpec { model_type: BPE }
		const other = Uint8Array.of(...bytes, 0x12, 2, 0x18, 2);
		expect(() => readSentencePiece(other, 'source.spm')).toThrow(/weights-foreign/);
	});
});
