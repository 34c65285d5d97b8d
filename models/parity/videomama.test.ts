import { Tensor } from 'onnxruntime-common';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unit } from '../weights/stand-in.ts';
import { buildVideoMaMa, type VideoMaMaBuild } from '../videomama/graph.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { createBench, type Bench } from './bench.node.ts';
import { comparisons } from './comparisons.fixture.ts';
import { parityFile, type ParityFile } from './parity-file.ts';
import { buildOf, videoMaMaParity } from './videomama.ts';

/** Milliseconds for tests that open many networks on a machine that has others to do. */
const patience = 120_000;

let file: ParityFile;
let bench: Bench;
beforeAll(async () => {
	const path = fileURLToPath(new URL('videomama.safetensors', import.meta.url));
	file = parityFile(await openCheckpoint(path));
	bench = await createBench(file.weights);
}, patience);
afterAll(() => bench.dispose());

describe('VideoMaMa, held against the public implementation', () => {
	it.each(['float32', 'float16'] as const)(
		'answers the same in %s',
		async (precision) => {
			const all = await comparisons(file, videoMaMaParity, bench, { precision });
			expect(all.filter(({ within }) => !within)).toEqual([]);
			expect(all.map(({ name }) => name).toSorted()).toEqual([...file.names].toSorted());
		},
		patience
	);
});

describe("VideoMaMa's UNet", () => {
	/** What it answers for one small window of made latents. */
	async function answer(options: Partial<VideoMaMaBuild>): Promise<Float32Array> {
		const { unet } = buildVideoMaMa(file.weights.tensors, {
			...{ ...buildOf(file), width: 64, height: 64, frames: 3 },
			...{ precision: 'float32', attention: 'fused', ...options }
		});
		const networks = await bench.open({ unet });
		const made = (name: string) =>
			new Tensor('float32', Float32Array.from(unit(name, 3 * 4 * 64)), [1, 3, 4, 8, 8]);
		const feeds = { noise: made('noise'), frames: made('frames'), masks: made('masks') };
		return (await networks.unet.run(feeds)).latents!.data as Float32Array;
	}

	let expected: Float32Array;
	beforeAll(async () => {
		expected = await answer({});
	}, patience);

	it.each([
		['computes what is constant as it was folded', { folded: false }],
		['attends in plain operators as in one', { attention: 'parts' }]
	] as const)(
		'%s',
		async (_, options) => {
			const found = await answer(options);
			const differences = found.map((value, i) => Math.abs(value - expected[i]!));
			expect(Math.max(...differences)).toBeLessThan(1e-4);
			expect(Math.max(...expected)).toBeGreaterThan(0.5);
		},
		patience
	);
});
