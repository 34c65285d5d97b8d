import { fileURLToPath } from 'node:url';
import { Tensor } from 'onnxruntime-common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBench, type Bench } from '../../parity/bench.node.ts';
import { parityFile } from '../../parity/parity-file.ts';
import type { Network, Tensors } from '../../runtime.ts';
import { openCheckpoint } from '../../weights/checkpoint.node.ts';
import { elementsOf } from '../../weights/checkpoint.ts';
import { unit } from '../../weights/stand-in.ts';
import type { Sam3Build } from '../build.ts';
import { gridOf, parseSam3Config } from '../config.ts';
import { buildMaskDecoder } from './mask-decoder.ts';
import { buildMemoryAttention } from './memory-attention.ts';
import { memoryMask } from '../mask-prompt.ts';
import { buildMaskDownsample, buildMaskMemory, buildMemoryEncoder } from './memory-encoder.ts';
/**
 * What transformers 5.18.0 (`Sam3TrackerVideoModel`, float32) answers with the parity file's weights to the inputs below: of an answer
 * with n numbers and k samples, every floor(n / k)th.
 */
import samples from './tracker.samples.json' with { type: 'json' };

const size = 336;
const bank = { maps: 4, pointers: 5 };

let build: Sam3Build;
let bench: Bench;
let networks: Record<
	'decoder' | 'plainDecoder' | 'attention' | 'bank' | 'encoder' | 'maskMemory' | 'downsample',
	Network
>;
beforeAll(async () => {
	const path = new URL('../../parity/sam3.safetensors', import.meta.url);
	const file = parityFile(await openCheckpoint(fileURLToPath(path)));
	const own = Object.entries(file.weights.shapes).filter(([name]) => name.startsWith('tracker_model.'));
	bench = await createBench({ ...file.weights, shapes: Object.fromEntries(own) });
	const config = parseSam3Config(file.config);
	build = { weights: file.weights.tensors, config, size, precision: 'float32' };
	networks = await bench.open({
		decoder: buildMaskDecoder(build),
		plainDecoder: buildMaskDecoder({ ...build, scoreBytes: Infinity }),
		attention: buildMemoryAttention(build),
		bank: buildMemoryAttention(build, bank),
		encoder: buildMemoryEncoder(build),
		maskMemory: buildMaskMemory(build),
		downsample: buildMaskDownsample(build)
	});
}, 60_000);
afterAll(() => bench.dispose());

/** Numbers of a name, of variance 1 unless scaled. */
function some(name: string, shape: readonly number[], scale = Math.sqrt(3)): Tensor {
	return floats(
		unit(name, elementsOf(shape)).map((value) => scale * value),
		shape
	);
}

function floats(values: ArrayLike<number>, shape: readonly number[]): Tensor {
	return new Tensor('float32', Float32Array.from(values), shape);
}

function integers(values: readonly number[], shape: readonly number[]): Tensor {
	return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}

function bools(values: readonly boolean[], shape: readonly number[]): Tensor {
	return new Tensor('bool', Uint8Array.from(values, Number), shape);
}

/** Inputs of single objects as those of all. */
function together(each: readonly Tensors[]): Tensors {
	return Object.fromEntries(
		Object.entries(each[0]!).map(([name, first]) => {
			const datas = each.map((tensors) => [...(tensors[name]!.data as Float32Array)]).flat();
			const shape = [each.length, ...first.dims.slice(1)];
			if (first.type === 'int64')
				return [name, new Tensor('int64', datas as unknown as BigInt64Array, shape)];
			return [name, first.type === 'bool' ? bools(datas.map(Boolean), shape) : floats(datas, shape)];
		})
	);
}

function numbers(tensors: Tensors): Record<string, Float32Array> {
	return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data as Float32Array]));
}

/** The largest absolute difference; NaN where the counts differ. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
	if (a.length !== b.length) return NaN;
	let largest = 0;
	for (let i = 0; i < a.length; i++) {
		const difference = Math.abs(a[i]! - b[i]!);
		if (!(difference <= largest)) largest = difference;
	}
	return largest;
}

/** As many samples of an answer as are expected. */
function sampled({ data }: Tensor, count: number): number[] {
	const values = data as Float32Array;
	const step = Math.max(1, Math.floor(values.length / count));
	return Array.from({ length: count }, (_, i) => values[i * step]!);
}

function expectSamples(answer: Tensor, expected: readonly number[]): void {
	expect(distance(sampled(answer, expected.length), expected)).toBeLessThan(1e-4);
}

const grid = 24;
const trk_0 = some('trk_0', [1, 32, 4 * grid, 4 * grid]);
const trk_1 = some('trk_1', [1, 64, 2 * grid, 2 * grid]);
const trk_2 = some('trk_2', [1, 256, grid, grid]);
const maskShape = [1, 1, 4 * grid, 4 * grid];

describe('the mask decoder', () => {
	type Prompt = (typeof samples.decoder)[keyof typeof samples.decoder];
	const feeds = (name: string, { points, labels, has_mask }: Prompt): Tensors => ({
		feature: some(`feature.${name}`, [1, 256, grid, grid]),
		points: floats(points.flat(), [1, points.length, 2]),
		labels: integers(labels, [1, labels.length]),
		mask_input: has_mask ? some('mask.logits', maskShape, 12) : floats(new Float32Array(96 * 96), maskShape),
		has_mask: bools([has_mask], [1])
	});

	describe.each([
		['attention in one operator', 'decoder'],
		['attention in plain operators', 'plainDecoder']
	] as const)('with %s', (_, which) => {
		it.each(Object.entries(samples.decoder))(
			'answers as the public implementation: %s',
			async (name, prompt) => {
				const answer = await networks[which].run({ ...feeds(name, prompt), trk_0, trk_1 });
				expect(answer.masks!.dims).toEqual([1, 4, 96, 96]);
				expectSamples(answer.masks!, prompt.masks);
				expectSamples(answer.iou!, prompt.iou);
				expectSamples(answer.score!, prompt.score);
				expectSamples(answer.pointers!, prompt.pointers);
			}
		);

		it('answers to several objects as to each alone', async () => {
			const { points, box } = samples.decoder;
			const each = [
				feeds('points', points),
				feeds('box', box),
				{ ...feeds('mask', points), has_mask: bools([true], [1]) }
			];
			const all = numbers(await networks[which].run({ ...together(each), trk_0, trk_1 }));
			for (const [object, inputs] of each.entries()) {
				for (const [name, alone] of Object.entries(
					numbers(await networks[which].run({ ...inputs, trk_0, trk_1 }))
				)) {
					const start = object * alone.length;
					expect(distance(all[name]!.subarray(start, start + alone.length), alone)).toBeLessThan(1e-4);
				}
			}
		});
	});
});

describe('memory attention', () => {
	type Bank = (typeof samples.memoryAttention)[keyof typeof samples.memoryAttention];
	const feeds = (name: string, { maps, pointers, rows, ages }: Omit<Bank, 'feature'>): Tensors => ({
		memory: some(`mem.${name}`, [1, maps, 64, grid, grid]),
		memory_row: integers(rows, [1, maps]),
		pointers: some(`ptr.${name}`, [1, pointers, 256]),
		pointer_age: floats(ages, [1, pointers])
	});
	const small = (name: string) => feeds(name, { maps: 2, pointers: 3, rows: [6, 0], ages: [0.4, 0.2, 2] });

	it.each(Object.entries(samples.memoryAttention))(
		'answers as the public implementation: %s',
		async (name, remembered) => {
			const { feature } = await networks.attention.run({ ...feeds(name, remembered), trk_2 });
			expect(feature!.dims).toEqual([1, 256, grid, grid]);
			expectSamples(feature!, remembered.feature);
		}
	);

	it('answers to several objects as to each alone', async () => {
		const each = [small('one'), small('other')];
		const all = numbers(await networks.attention.run({ ...together(each), trk_2 })).feature!;
		for (const [object, inputs] of each.entries()) {
			const alone = numbers(await networks.attention.run({ ...inputs, trk_2 })).feature!;
			const start = object * alone.length;
			expect(distance(all.subarray(start, start + alone.length), alone)).toBeLessThan(1e-5);
		}
	});

	it('reads a bank of a fixed size as one that is just full, whatever lies in its empty slots', async () => {
		const open = small('one');
		const { feature } = await networks.attention.run({ ...open, trk_2 });
		/** An input in the first, third, … slots of a bank. */
		const slotted = (name: string, slots: number, rest: number): Tensor => {
			const { data, dims, type } = open[name]!;
			const [, count, ...one] = dims as [number, number, ...number[]];
			const length = elementsOf(one);
			const shape = [1, slots, ...one];
			const values = Array<number>(slots * length).fill(rest);
			for (let i = 0; i < count; i++) {
				const from = Array.from((data as Float32Array).subarray(i * length, (i + 1) * length), Number);
				values.splice(2 * i * length, length, ...from);
			}
			return type === 'int64' ? integers(values, shape) : floats(values, shape);
		};
		const fixed = (rest: number, row: number): Tensors => ({
			trk_2,
			memory: slotted('memory', bank.maps, rest),
			memory_row: slotted('memory_row', bank.maps, row),
			memory_valid: bools([true, false, true, false], [1, bank.maps]),
			pointers: slotted('pointers', bank.pointers, rest),
			pointer_age: slotted('pointer_age', bank.pointers, rest),
			pointer_valid: bools([true, false, true, false, true], [1, bank.pointers])
		});
		const empty = numbers(await networks.bank.run(fixed(0, 0))).feature!;
		expect(distance(empty, numbers({ feature: feature! }).feature!)).toBeLessThan(1e-5);
		const dirty = numbers(await networks.bank.run(fixed(NaN, 99))).feature!;
		expect(distance(dirty, empty)).toBe(0);
	});
});

describe('the memory encoder', () => {
	/** Waves, in logits. */
	const mask = floats(
		Float64Array.from({ length: 96 * 96 }, (_, i) => {
			const [x, y] = [i % 96, Math.floor(i / 96)];
			return 9 * Math.sin(0.11 * x + 0.3) * Math.cos(0.07 * y) - 2;
		}),
		maskShape
	);
	const feeds = (binarise: boolean, score: number): Tensors => ({
		...{ mask, score: floats([score], [1, 1]), binarise: bools([binarise], [1]) }
	});

	it.each(Object.entries(samples.memoryEncoder))(
		'answers as the public implementation: %s',
		async (_, { binarise, score, memory }) => {
			const answer = await networks.encoder.run({ ...feeds(binarise, score), trk_2 });
			expect(answer.memory!.dims).toEqual([1, 64, grid, grid]);
			expectSamples(answer.memory!, memory);
		}
	);

	it('takes masks that the user made and others together', async () => {
		const each = [feeds(true, 3), feeds(false, -2)];
		const all = numbers(await networks.encoder.run({ ...together(each), trk_2 })).memory!;
		for (const [object, inputs] of each.entries()) {
			const alone = numbers(await networks.encoder.run({ ...inputs, trk_2 })).memory!;
			const start = object * alone.length;
			expect(distance(all.subarray(start, start + alone.length), alone)).toBeLessThan(1e-5);
		}
	});

	const disc = Float32Array.from({ length: size * size }, (_, i) =>
		Number(Math.hypot((i % size) - 150, Math.floor(i / size) - 120) < 60)
	);

	it('remembers a mask of the user in its full detail', async () => {
		const side = 16 * grid;
		const { memory } = await networks.maskMemory.run({
			trk_2,
			mask: floats(memoryMask(disc, build), [1, 1, side, side]),
			score: floats([10], [1, 1])
		});
		expect(memory!.dims).toEqual([1, 64, grid, grid]);
		expectSamples(memory!, samples.maskMemory.disc.memory);
	});

	it('makes a mask of the user what the mask decoder takes', async () => {
		const { mask_input } = await networks.downsample.run({ mask: floats(disc, [1, 1, size, size]) });
		expect(mask_input!.dims).toEqual(maskShape);
		expectSamples(mask_input!, samples.maskDownsample.disc.mask_input);
	});
});

describe('all of them', () => {
	const every = (build: Sam3Build) => [
		buildMaskDecoder(build),
		buildMemoryAttention(build),
		buildMemoryEncoder(build),
		buildMaskMemory(build),
		buildMaskDownsample(build)
	];

	it('take any size that the patch divides, and no other', () => {
		for (const graph of every({ ...build, size: 504 })) {
			const side = gridOf(build.config, 504);
			const sides = graph.outputs.map(({ shape }) => shape.at(-1));
			expect([side, 4 * side]).toContain(sides[0]);
		}
		expect(() => every({ ...build, size: 500 })).toThrow(RangeError);
	});

	it('answer nearly the same in half precision', async () => {
		// A small frame, and room for the CPU, whose products of matrices add up in half precision: GPUs do not.
		const small = { ...build, size: 42 };
		const narrow = { ...small, precision: 'float16' as const };
		const opened = await bench.open({
			attention: buildMemoryAttention(small),
			encoder: buildMemoryEncoder(small),
			narrowAttention: buildMemoryAttention(narrow),
			narrowEncoder: buildMemoryEncoder(narrow)
		});
		const frame = some('frame', [1, 256, 3, 3]);
		const remembered: Tensors = {
			trk_2: frame,
			memory: some('memory', [1, 2, 64, 3, 3]),
			memory_row: integers([6, 0], [1, 2]),
			pointers: some('pointers', [1, 1, 256]),
			pointer_age: floats([0.2], [1, 1])
		};
		const seen: Tensors = {
			trk_2: frame,
			mask: some('mask', [1, 1, 12, 12], 8),
			score: floats([1], [1, 1]),
			binarise: bools([false], [1])
		};
		const meanDistance = async (whole: Network, half: Network, feeds: Tensors) => {
			const [a] = Object.values(numbers(await whole.run(feeds)));
			const [b] = Object.values(numbers(await half.run(feeds)));
			return a!.reduce((sum, value, i) => sum + Math.abs(value - b![i]!), 0) / a!.length;
		};
		expect(await meanDistance(opened.attention, opened.narrowAttention, remembered)).toBeLessThan(5e-3);
		expect(await meanDistance(opened.encoder, opened.narrowEncoder, seen)).toBeLessThan(2e-3);
	});

	it('keep every large matrix in 4 bits where that is asked for', async () => {
		const graphs = every({ ...build, blockSize: 32 });
		const whole = graphs.flatMap(({ initializers }) =>
			initializers.filter(({ source, shape }) => source.kind === 'tensor' && shape.length === 2)
		);
		expect(whole.filter(({ shape }) => elementsOf(shape) >= 64 * 64)).toEqual([]);
		const { attention } = await bench.open({ attention: graphs[1]! });
		const feeds: Tensors = {
			trk_2,
			memory: some('memory', [1, 1, 64, grid, grid]),
			memory_row: integers([6], [1, 1]),
			pointers: some('pointers', [1, 1, 256]),
			pointer_age: floats([0.2], [1, 1])
		};
		const [exact, rough] = [
			numbers(await networks.attention.run(feeds)),
			numbers(await attention.run(feeds))
		];
		const mean = (values: Float32Array) =>
			values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
		const error = exact.feature!.map((value, i) => value - rough.feature![i]!);
		expect(mean(error) / mean(exact.feature!)).toBeLessThan(0.15);
	});
});
