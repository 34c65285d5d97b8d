import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import type { Network } from '../runtime.ts';
import { encodePixels, preprocess } from './features.ts';

describe('a frame for the vision encoder', () => {
	/** `torch.nn.functional.interpolate(x, (4, 4), mode='bilinear', antialias=True)` of bytes 37 i modulo 256, before the range is changed. */
	const byTorch: [width: number, height: number, expected: number[][]][] = [
		// prettier-ignore
		[9, 5, [[84.4, 134.1, 136.2, 101.6, 145.1, 145.8, 114.7, 122.6, 141.8, 133.7, 131.6, 98.0, 156.7, 144.4, 121.5, 137.3], [121.4, 139.9, 92.0, 138.6, 136.4, 113.1, 119.4, 138.3, 133.0, 130.1, 107.2, 113.6, 155.3, 115.8, 130.4, 92.0], [131.0, 92.6, 124.4, 151.8, 109.4, 115.8, 133.0, 119.8, 140.2, 103.6, 120.8, 150.6, 108.2, 135.6, 167.4, 129.0]]],
		// prettier-ignore
		[3, 2, [[0.0, 92.5, 107.5, 40.0, 47.0, 99.5, 114.5, 87.0, 141.0, 113.5, 128.5, 181.0, 188.0, 120.5, 135.5, 228.0], [37.0, 129.5, 144.5, 77.0, 84.0, 136.5, 127.5, 60.0, 178.0, 150.5, 93.5, 26.0, 225.0, 157.5, 76.5, 9.0], [74.0, 166.5, 181.5, 114.0, 57.0, 149.5, 164.5, 97.0, 23.0, 115.5, 130.5, 63.0, 6.0, 98.5, 113.5, 46.0]]]
	];
	it.each(byTorch)('of %d x %d is stretched as PyTorch does it', (width, height, expected) => {
		const data = Uint8Array.from({ length: 4 * width * height }, (_, i) => (37 * i) % 256);
		const pixels = preprocess({ width, height, data }, 4);
		for (const [i, value] of expected.flat().entries())
			expect((pixels[i]! + 1) * 127.5, `place ${i}`).toBeCloseTo(value, 1);
	});

	it('goes from -1 to 1, whatever its size', () => {
		for (const [width, height] of [
			[1, 1],
			[64, 1],
			[28, 28],
			[100, 300]
		] as const) {
			const data = Uint8Array.from({ length: 4 * width * height }, (_, i) => [255, 0, 51, 255][i % 4]!);
			const pixels = preprocess({ width, height, data }, 28);
			for (const [channel, value] of [1, -1, -0.6].entries())
				for (let i = 0; i < 28 * 28; i++) expect(pixels[channel * 28 * 28 + i]).toBeCloseTo(value, 4);
		}
	});
});

describe('features of a frame', () => {
	/** Answers with what was asked for. */
	const vision: Network = {
		run: (_feeds, fetches) =>
			Promise.resolve(
				Object.fromEntries(
					fetches!.map((name) => [name, new Tensor('float32', [fetches!.indexOf(name)], [1])])
				)
			),
		release: () => Promise.resolve()
	};

	it('are fetched by halves', async () => {
		const pixels = new Float32Array(3 * 28 * 28);
		const both = await encodePixels({ vision }, pixels, 28);
		expect([...both.det, ...both.trk].map(({ data }) => data[0])).toEqual([0, 1, 2, 3, 4, 5]);
		const tracker = await encodePixels({ vision }, pixels, 28, { detector: false });
		expect(tracker.trk.map(({ data }) => data[0])).toEqual([0, 1, 2]);
		expect(() => tracker.det).toThrow('det');
	});
});
