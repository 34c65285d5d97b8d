import { Tensor } from 'onnxruntime-common';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tensorsOf } from '../../hub/official.node.ts';
import type { Weights } from '../../onnx/graph.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import { createBench, type Bench } from '../../parity/bench.node.ts';
import { parityFile, type ParityFile } from '../../parity/parity-file.ts';
import { openCheckpoint } from '../../weights/checkpoint.node.ts';
import { unit } from '../../weights/stand-in.ts';
import { parseSam3Config } from '../config.ts';
import { roiWeights, type NormalisedBox } from '../roi-weights.ts';
import { buildDetectionMasks } from './detection-masks.ts';
import { buildDetector } from './detector.ts';
import { buildGeometryEncoder } from './geometry-encoder.ts';
import { buildTextEncoder } from './text-encoder.ts';

/** Names and shapes of what goes in and out. */
function ports({ inputs, outputs }: GraphDefinition) {
	const shapes = (list: typeof inputs) => Object.fromEntries(list.map(({ name, shape }) => [name, shape]));
	return { inputs: shapes(inputs), outputs: shapes(outputs) };
}

describe('the official checkpoint', () => {
	let weights: Weights;
	const config = parseSam3Config({ model_type: 'sam3_video' });
	beforeAll(async () => {
		const { shapes } = await tensorsOf('sam3');
		weights = new Map(Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'F32', shape }]));
	});

	test.each([
		['in float32 at its own size', { size: 1008, precision: 'float32' }],
		['in float16 and 4 bits at half of it', { size: 504, precision: 'float16', blockSize: 32 }]
	] as const)('has what the detector needs, %s', (_, options) => {
		const build = { weights, config, ...options };
		const g = options.size / 14;
		expect(ports(buildTextEncoder(build))).toEqual({
			inputs: { ids: [1, 32], mask: [1, 32] },
			outputs: { text: [1, 32, 256] }
		});
		expect(ports(buildGeometryEncoder(build))).toMatchObject({
			inputs: { det_2: [1, 256, g, g], roi_x: ['N', 7, g] },
			outputs: { geometry: [1, '(N+1)', 256] }
		});
		expect(ports(buildDetector(build)).outputs).toEqual({
			...{ boxes: [1, 200, 4], logits: [1, 200], presence: [1, 1] },
			...{ queries: [1, 200, 256], encoded: [1, 256, g, g] }
		});
		expect(ports(buildDetectionMasks(build)).outputs).toEqual({
			masks: [1, 'N', 4 * g, 4 * g],
			semantic: [1, 1, 4 * g, 4 * g]
		});
	});
});

describe('on a small network', () => {
	const [size, g] = [140, 10];
	let file: ParityFile;
	let bench: Bench;
	beforeAll(async () => {
		const path = new URL('../../parity/sam3.safetensors', import.meta.url);
		file = parityFile(await openCheckpoint(fileURLToPath(path)));
		bench = await createBench(file.weights);
	});
	afterAll(() => bench.dispose());
	const build = () => ({ weights: file.weights.tensors, config: parseSam3Config(file.config), size });
	const noise = (...dims: number[]) =>
		new Tensor(
			'float32',
			Float32Array.from(
				unit(
					'input',
					dims.reduce((a, b) => a * b)
				)
			),
			dims
		);

	// Words alone are summed up with no examples at all.
	test('no examples leave the summary', async () => {
		const { geometry: network } = await bench.open({
			geometry: buildGeometryEncoder({ ...build(), precision: 'float32' })
		});
		const empty = (...dims: number[]) => new Tensor('float32', new Float32Array(0), dims);
		const { geometry } = await network.run({
			...{ det_2: noise(1, 256, g, g), boxes: empty(1, 0, 4), roi_y: empty(0, 7, g), roi_x: empty(0, 7, g) },
			labels: new Tensor('int64', new BigInt64Array(0), [1, 0])
		});
		expect(geometry!.dims).toEqual([1, 1, 256]);
		expect((geometry!.data as Float32Array).every(Number.isFinite)).toBe(true);
	});

	// The rest of the detector takes minutes: ONNX Runtime computes half precision on a CPU a hundred times slower.
	test('reads words and examples nearly the same in half precision', async () => {
		const boxes: NormalisedBox[] = [
			[0.4, 0.5, 0.3, 0.6],
			[0.9, 0.1, 0.1, 0.2]
		];
		const answers = async (precision: 'float32' | 'float16') => {
			const { text, geometry } = await bench.open({
				text: buildTextEncoder({ ...build(), precision }),
				geometry: buildGeometryEncoder({ ...build(), precision })
			});
			const words = await text.run({
				ids: new Tensor(
					'int64',
					BigInt64Array.from({ length: 32 }, (_, i) => BigInt(i * 40)),
					[1, 32]
				),
				mask: new Tensor('bool', new Uint8Array(32).fill(1, 0, 9), [1, 32])
			});
			const { y, x } = roiWeights(boxes, g, 7);
			const examples = await geometry.run({
				det_2: noise(1, 256, g, g),
				boxes: new Tensor('float32', Float32Array.from(boxes.flat()), [1, 2, 4]),
				labels: new Tensor('int64', BigInt64Array.of(1n, 0n), [1, 2]),
				roi_y: new Tensor('float32', y, [2, 7, g]),
				roi_x: new Tensor('float32', x, [2, 7, g])
			});
			return [words.text!, examples.geometry!].map(({ data }) => data as Float32Array);
		};
		const [whole, half] = [await answers('float32'), await answers('float16')];
		for (const [i, values] of whole.entries()) {
			const differences = values.map((value, j) => Math.abs(value - half[i]![j]!));
			// In half precision the CPU also sums; a GPU, which sums in float32, is some times nearer.
			expect(differences.reduce((sum, d) => sum + d) / values.length).toBeLessThan(1e-2);
		}
	});
});
