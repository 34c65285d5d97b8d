import { fileURLToPath } from 'node:url';
import { Tensor } from 'onnxruntime-common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBench, type Bench } from '../../parity/bench.node.ts';
import { parityFile } from '../../parity/parity-file.ts';
import { pixelsOf } from '../../parity/sam3-inputs.ts';
import type { Tensors } from '../../runtime.ts';
import { openCheckpoint } from '../../weights/checkpoint.node.ts';
import type { Sam3Build } from '../build.ts';
import { parseSam3Config } from '../config.ts';
import { buildVisionEncoder } from './vision-encoder.ts';

let build: Omit<Sam3Build, 'size'>;
let bench: Bench;
beforeAll(async () => {
	const path = new URL('../../parity/sam3.safetensors', import.meta.url);
	const { config, weights } = parityFile(await openCheckpoint(fileURLToPath(path)));
	const isNeeded = (name: string) => /vision_encoder|tracker_neck|mask_decoder\.conv_s/.test(name);
	const shapes = Object.entries(weights.shapes).filter(([name]) => isNeeded(name));
	bench = await createBench({ ...weights, shapes: Object.fromEntries(shapes) });
	build = { weights: weights.tensors, config: parseSam3Config(config), precision: 'float32' };
});
afterAll(() => bench.dispose());

async function look(build: Sam3Build): Promise<Tensors> {
	const { vision } = await bench.open({ vision: buildVisionEncoder(build) });
	const shape = [1, 3, build.size, build.size];
	return vision.run({ pixels: new Tensor('float32', pixelsOf(build.size, 0), shape) });
}

/**
 * What transformers 5.18.0 (`Sam3VideoModel`, float32) answers at 252, where windows reach past the picture: of an answer with n numbers,
 * the eight at floor(i n / 8) + 7 i.
 */
const at252: Record<string, number[]> = {
	det_0: [-0.3031, -0.1719, 0.0809, -0.6371, 0.9644, -0.2834, 0.3449, 0.0014],
	det_1: [-1.2266, -0.2944, 2.2572, 0.5348, -0.2597, 1.0625, 2.1245, 0.7899],
	det_2: [-0.8834, -0.4694, 0.3169, 0.274, 0.2356, -0.5571, 1.1774, 2.2934],
	trk_0: [-0.2049, -0.1778, -0.2856, -0.3299, 0.2739, -0.4643, -0.3461, 0.3064],
	trk_1: [-1.4579, -0.3848, -0.1934, 0.6546, 0.9686, 0.7125, 0.0607, -2.4459],
	trk_2: [-1.02, -3.475, 0.6614, -0.8473, -2.2449, 1.5202, 0.9407, 0.0215]
};

const samplesOf = ({ data }: Tensor) =>
	Array.from({ length: 8 }, (_, i) => Number(data[Math.floor((i * data.length) / 8) + 7 * i]));

it.each([undefined, 'cpu' as const])(
	'answers as the public implementation, for the provider %s',
	async (provider) => {
		const found = await look({ ...build, size: 252, provider });
		expect(Object.keys(found)).toEqual(Object.keys(at252));
		for (const [name, expected] of Object.entries(at252)) {
			for (const [i, value] of samplesOf(found[name]!).entries())
				expect(value, name).toBeCloseTo(expected[i]!, 3);
		}
	}
);

it('answers nearly the same in half precision', async () => {
	const wide = await look({ ...build, size: 252, provider: 'cpu' });
	const half = await look({ ...build, size: 252, provider: 'cpu', precision: 'float16' });
	for (const [name, { data }] of Object.entries(wide)) {
		const errors = (half[name]!.data as Float32Array).map((value, i) => Math.abs(value - Number(data[i])));
		expect(errors.reduce((sum, error) => sum + error) / errors.length, name).toBeLessThan(2e-3);
	}
});

it('takes any size that the patch divides, and no other', async () => {
	expect(() => buildVisionEncoder({ ...build, size: 250 })).toThrow(RangeError);
	const found = await look({ ...build, size: 140 });
	expect(Object.entries(found).map(([name, { dims }]) => [name, ...dims])).toEqual([
		['det_0', 1, 256, 40, 40],
		['det_1', 1, 256, 20, 20],
		['det_2', 1, 256, 10, 10],
		['trk_0', 1, 32, 40, 40],
		['trk_1', 1, 64, 20, 20],
		['trk_2', 1, 256, 10, 10]
	]);
});
