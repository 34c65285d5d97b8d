import { describe, expect, test } from 'vitest';
import { parseSam3Config } from './config.ts';
import { tokenizerJson } from './stand-in-tokenizer.ts';
import { createTokenizer } from './tokenizer.ts';

const config = parseSam3Config({ model_type: 'sam3_video' });
const words = ['the', 'dog', 'a', 'cat', 'dogs', 'red', 'car', 'in', 'hat', 'person', 'visual'];
const tokenizer = createTokenizer(tokenizerJson(words, 49406, 49407), config);

/** The tokens of a phrase, without the padding. */
function tokens(phrase: string): number[] {
	const { ids, mask, length } = tokenizer.encode(phrase);
	expect(ids).toHaveLength(32);
	expect([...ids.subarray(length)]).toEqual(Array(32 - length).fill(49407n));
	expect([...mask]).toEqual(Array.from({ length: 32 }, (_, i) => Number(i < length)));
	return Array.from(ids.subarray(0, length), Number);
}

describe('the tokenizer', () => {
	// As transformers 5.18 (CLIPTokenizer) does with the same vocabulary.
	test('reads words as the public implementation', () => {
		expect(tokens('the dog')).toEqual([49406, 513, 515, 49407]);
		expect(tokens("The  Dog's\tcar, 42!")).toEqual([49406, 513, 515, 6, 338, 522, 267, 275, 273, 256, 49407]);
		expect(tokens('dög')).toEqual([49406, 67, 127, 114, 326, 49407]);
	});

	test('refuses no words, and more than the model reads', () => {
		expect(() => tokenizer.encode(' \n ')).toThrow(expect.objectContaining({ code: 'words-empty' }));
		expect(tokens('dog '.repeat(30))).toHaveLength(32);
		expect(() => tokenizer.encode('dog '.repeat(200))).toThrow(
			expect.objectContaining({ code: 'words-long', params: { tokens: 200, limit: 30 } })
		);
	});

	test('refuses a file that is none, or of another vocabulary', () => {
		const damaged = expect.objectContaining({ code: 'weights-damaged' });
		expect(() => createTokenizer({ model: 'a list' }, config)).toThrow(damaged);
		expect(() => createTokenizer('{}', config)).toThrow(damaged);
		expect(() => createTokenizer(tokenizerJson(words, 0, 2), config)).toThrow(damaged);
	});
});
