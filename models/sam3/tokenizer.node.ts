import { readJson } from '../weights/read-json.node.ts';
import type { Sam3Config } from './config.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

/** The tokenizer of a checkpoint's folder. What is wrong with its file is told when words come: all else works without. */
export async function openTokenizer(folder: string, config: Sam3Config): Promise<Tokenizer> {
	const read = await readJson(folder, 'tokenizer.json', 'SAM 3').then(
		(json) => ({ json }),
		(problem: unknown) => ({ problem })
	);
	let tokenizer: Tokenizer | undefined;
	return {
		encode(words) {
			if ('problem' in read) throw read.problem;
			tokenizer ??= createTokenizer(read.json, config);
			return tokenizer.encode(words);
		}
	};
}
