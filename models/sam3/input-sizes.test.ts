import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseSam3Config } from './config.ts';
import { chooseInput, encodingFlops, inputSizes, largestBuffer } from './input-sizes.ts';

const full = parseSam3Config(
	JSON.parse(await readFile(new URL('config.full.json', import.meta.url), 'utf8'))
);
const MiB = 2 ** 20;
const limits = (bytes: number) => ({ maxBufferSize: 2 * bytes, maxStorageBufferBindingSize: bytes });
const webgpu = { provider: 'webgpu', half: false } as const;

describe('input sizes', () => {
	it('are the configuration’s own and smaller ones, whole numbers of patches', () => {
		expect(inputSizes(full)).toEqual([1008, 672, 560, 504]);
		const { vision_config, ...rest } = full.detector_config;
		const backbone_config = { ...vision_config.backbone_config, image_size: 56 };
		const detector_config = { ...rest, vision_config: { ...vision_config, backbone_config } };
		expect(inputSizes({ ...full, detector_config })).toEqual([56, 42, 28]);
	});

	it('take as many operations as was counted', () => {
		const counted = [5.4, 2.3, 1.6, 1.3];
		for (const [i, size] of inputSizes(full).entries())
			expect(encodingFlops(full, size) / 1e12).toBeCloseTo(counted[i]!, 0);
	});

	it('need no buffer larger than every graphics card allows, since attention is taken in parts', () => {
		expect(largestBuffer(full, 1008, 'float32')).toBe(128 * MiB);
		expect(largestBuffer(full, 504, 'float32')).toBeLessThan(128 * MiB);
		expect(largestBuffer(full, 504, 'float16')).toBeLessThan(largestBuffer(full, 504, 'float32'));
	});
});

describe('choosing an input', () => {
	it('takes the largest, in half precision where that is known', () => {
		const means = { ...webgpu, half: true, limits: limits(128 * MiB) };
		expect(chooseInput(full, means)).toEqual({ size: 1008, precision: 'float16', reasons: [] });
	});

	it('takes a smaller one where buffers are too small, and says so', () => {
		const limit = 60 * MiB;
		const choice = chooseInput(full, { ...webgpu, half: true, limits: limits(limit) });
		expect(choice).toMatchObject({
			size: 504,
			reasons: [1008, 672, 560].map((size) => ({ size, code: 'input-buffer', params: { limit } }))
		});
	});

	it('tells a graphics card that is too small for any', () => {
		const limit = 16 * MiB;
		const problem = chooseInput(full, { ...webgpu, limits: limits(limit) });
		const needed = largestBuffer(full, 504, 'float32');
		expect(problem).toEqual({ code: 'webgpu-too-small', params: { needed, limit } });
	});

	it.each([
		['the largest that is ready soon', 560, 4000, { size: 560, reasons: [{ size: 1008 }, { size: 672 }] }],
		['the largest of all on a fast machine', 504, 500, { size: 1008, reasons: [] }],
		['the smallest where none is, if it can be waited for', 504, 15_000, { size: 504 }],
		['none where that takes too long', 504, 30_000, { code: 'sam3-slow', params: { seconds: 30 } }]
	])('takes %s, by a short trial', (_, size, milliseconds, expected) => {
		const choice = chooseInput(full, { provider: 'wasm', half: false, trial: { size, milliseconds } });
		expect(choice).toMatchObject(expected);
	});

	it.each([
		['is taken where it is worth the wait', 1008, 504, 3000, { size: 1008, reasons: [] }],
		[
			'leaves out larger ones, and says which are slow',
			504,
			504,
			3000,
			{ size: 504, reasons: [{ size: 1008 }, { size: 672 }] }
		],
		[
			'is not taken where it is too slow',
			1008,
			504,
			9000,
			{ size: 504, reasons: [{ code: 'input-slow' }, {}, {}] }
		],
		[
			'is not taken where the model lacks it',
			56,
			504,
			500,
			{ size: 1008, reasons: [{ code: 'input-absent' }] }
		],
		['is told to be too slow where all are', 1008, 504, 30_000, { code: 'sam3-slow' }]
	])('of the wished size: %s', (_, wished, size, milliseconds, expected) => {
		const means = { provider: 'wasm', half: false, trial: { size, milliseconds }, size: wished } as const;
		expect(chooseInput(full, means)).toMatchObject(expected);
	});

	it('takes however long where that was chosen, but no larger buffers than there are', () => {
		const trial = { size: 504, milliseconds: 60_000 };
		expect(chooseInput(full, { ...webgpu, trial, size: 1008, anySpeed: true })).toMatchObject({ size: 1008 });
		expect(chooseInput(full, { ...webgpu, trial, anySpeed: true })).toMatchObject({
			...{ size: 504, reasons: [{ size: 1008, code: 'input-slow' }, {}, {}] }
		});
		const small = limits(60 * MiB);
		expect(
			chooseInput(full, { ...webgpu, half: true, limits: small, trial, size: 1008, anySpeed: true })
		).toMatchObject({ size: 504, reasons: [{ size: 1008, code: 'input-buffer' }, {}, {}] });
	});
});
