import type { Bench } from './bench.node.ts';
import { compare, type Comparison, type ParityModel, type ParityOptions } from './compare.ts';
import type { ParityFile } from './parity-file.ts';

/** All comparisons with a file, for tests that look at them together. */
export async function comparisons(
	file: ParityFile,
	model: ParityModel,
	bench: Bench,
	options: ParityOptions
): Promise<Comparison[]> {
	const all: Comparison[] = [];
	for await (const one of compare(file, model, bench.open, options)) all.push(one);
	return all;
}
