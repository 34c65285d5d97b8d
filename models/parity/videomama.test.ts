import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { createBench, type Bench } from './bench.node.ts';
import { comparisons } from './comparisons.fixture.ts';
import { parityFile, type ParityFile } from './parity-file.ts';
import { videoMaMaParity } from './videomama.ts';

let file: ParityFile;
let bench: Bench;
beforeAll(async () => {
	const path = fileURLToPath(new URL('videomama.safetensors', import.meta.url));
	file = parityFile(await openCheckpoint(path));
	bench = await createBench(file.weights);
});
afterAll(() => bench.dispose());

describe('VideoMaMa, held against the public implementation', () => {
	it('answers the same', async () => {
		const all = await comparisons(file, videoMaMaParity, bench, { precision: 'float32' });
		expect(all.filter(({ within }) => !within)).toEqual([]);
		expect(all.map(({ name }) => name).toSorted()).toEqual([...file.names].toSorted());
	});
});
