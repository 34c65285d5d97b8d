import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { createBench, type Bench } from './bench.node.ts';
import { comparisons } from './comparisons.fixture.ts';
import { opusParity } from './opus.ts';
import { parityFile, type ParityFile } from './parity-file.ts';

let file: ParityFile;
let bench: Bench;
beforeAll(async () => {
	const path = new URL('opus.safetensors', import.meta.url);
	file = parityFile(await openCheckpoint(fileURLToPath(path)));
	bench = await createBench(file.weights);
});
afterAll(() => bench.dispose());

it('translates as the public implementation: the same meaning, the same probabilities, the same tokens', async () => {
	const all = await comparisons(file, opusParity, bench, { precision: 'float32' });
	expect(all.filter(({ within }) => !within)).toEqual([]);
	expect(all.map(({ name }) => name).toSorted()).toEqual([...file.names].toSorted());
});
