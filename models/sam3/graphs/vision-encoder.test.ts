import { fileURLToPath } from 'node:url';
import { Tensor } from 'onnxruntime-common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBench, type Bench } from '../../parity/bench.node.ts';
import { parityFile, type ParityFile } from '../../parity/parity-file.ts';
import { openCheckpoint } from '../../weights/checkpoint.node.ts';
import { parseSam3Config } from '../config.ts';
import { buildVisionEncoder } from './vision-encoder.ts';

let file: ParityFile;
let bench: Bench;
beforeAll(async () => {
	const path = new URL('../../parity/sam3.safetensors', import.meta.url);
	file = parityFile(await openCheckpoint(fileURLToPath(path)));
	bench = await createBench(file.weights);
});
afterAll(() => bench.dispose());

it('takes any size that the patch divides, and no other', async () => {
	const build = { weights: file.weights.tensors, config: parseSam3Config(file.config) };
	const at = (size: number) => buildVisionEncoder({ ...build, size, precision: 'float32' });
	expect(() => at(250)).toThrow(RangeError);
	const { vision } = await bench.open({ vision: at(140) });
	const pixels = new Tensor('float32', new Float32Array(3 * 140 * 140), [1, 3, 140, 140]);
	const shapes = Object.entries(await vision.run({ pixels })).map(([name, { dims }]) => [name, dims]);
	expect(Object.fromEntries(shapes)).toEqual({
		...{ det_0: [1, 256, 40, 40], det_1: [1, 256, 20, 20], det_2: [1, 256, 10, 10] },
		...{ trk_0: [1, 32, 40, 40], trk_1: [1, 64, 20, 20], trk_2: [1, 256, 10, 10] }
	});
});
