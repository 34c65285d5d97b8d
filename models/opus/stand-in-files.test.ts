import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseMarianConfig } from './config.ts';
import { standInFiles } from './stand-in-files.ts';
import { createTokenizer } from './tokenizer.ts';

it('stand-in files name every token of the official model, and read Chinese', () => {
	const text = readFileSync(new URL('config.full.json', import.meta.url), 'utf8');
	const config = parseMarianConfig(JSON.parse(text), 'OPUS-MT');
	const files = standInFiles(text);
	const vocabulary = JSON.parse(files['vocab.json'] as string) as Record<string, number>;
	expect(Object.keys(vocabulary)).toHaveLength(config.vocab_size);
	expect(vocabulary['<pad>']).toBe(config.pad_token_id);

	const tokenizer = createTokenizer({ source: files['source.spm'] as Uint8Array, vocabulary }, config);
	const tokens = tokenizer.encode('红衣人');
	expect(tokens).toHaveLength(5);
	expect(tokenizer.decode(tokens)).toBe('红衣人');
	expect(tokenizer.decode([64_998, 64_999])).toMatch(/^[a-z]+ [a-z]+$/);
});
