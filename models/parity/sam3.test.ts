import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { createBench, type Bench } from './bench.node.ts';
import { compare, type Comparison, type ParityOptions } from './compare.ts';
import { parityFile, type ParityFile } from './parity-file.ts';
import { sam3Parity } from './sam3.ts';

/** Milliseconds for a test that computes many frames on a machine that has others to do. */
const patience = 120_000;

let file: ParityFile;
let bench: Bench;
beforeAll(async () => {
	const path = new URL('sam3.safetensors', import.meta.url);
	file = parityFile(await openCheckpoint(fileURLToPath(path)));
	bench = await createBench(file.weights);
}, patience);
afterAll(() => bench.dispose());

/** @param last the answer after which nothing more is computed */
async function comparisons(options: ParityOptions, last?: string): Promise<Comparison[]> {
	const all: Comparison[] = [];
	for await (const one of compare(file, sam3Parity, bench.open, options)) {
		all.push(one);
		if (one.name === last) break;
	}
	return all;
}

it(
	'answers as the public implementation, from the picture to the corrected mask',
	async () => {
		const all = await comparisons({ precision: 'float32' });
		expect(all.filter(({ within }) => !within)).toEqual([]);
		expect(all.map(({ name }) => name).toSorted()).toEqual([...file.names].toSorted());
	},
	patience
);

// Not all of it: ONNX Runtime computes half precision on a CPU up to a hundred times slower.
it(
	'sees and reads nearly the same in half precision',
	async () => {
		const all = await comparisons({ precision: 'float16' }, 'text.features.shape');
		expect(all.map(({ name }) => name)).toContain('vision.fpn.2');
		expect(all.filter(({ within }) => !within)).toEqual([]);
	},
	patience
);

it(
	'stays within sight of it in 4 bits',
	async () => {
		const all = await comparisons({ precision: 'float32', blockSize: 32, frames: 1 });
		expect(all.map(({ name }) => name)).toContain('track.0.frame0.masks');
		expect(all.filter(({ within }) => !within)).toEqual([]);
	},
	patience
);
