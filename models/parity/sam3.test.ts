import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { createBench, type Bench } from './bench.node.ts';
import { comparisons } from './comparisons.fixture.ts';
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

it(
	'answers as the public implementation, from the picture to the corrected mask',
	async () => {
		const all = await comparisons(file, sam3Parity, bench, { precision: 'float32' });
		expect(all.filter(({ within }) => !within)).toEqual([]);
		expect(all.map(({ name }) => name).toSorted()).toEqual([...file.names].toSorted());
	},
	patience
);

it(
	'answers nearly the same in half precision',
	async () => {
		const all = await comparisons(file, sam3Parity, bench, { precision: 'float16', frames: 3 });
		expect(all.map(({ name }) => name)).toContain('track.3.frame2.masks');
		expect(all.filter(({ within }) => !within)).toEqual([]);
	},
	patience
);

it(
	'stays within sight of it in 4 bits',
	async () => {
		const all = await comparisons(file, sam3Parity, bench, {
			precision: 'float32',
			blockSize: 32,
			frames: 1
		});
		expect(all.map(({ name }) => name)).toContain('track.0.frame0.masks');
		expect(all.filter(({ within }) => !within)).toEqual([]);
	},
	patience
);
