import { describe, expect, it } from 'vitest';
import { frameNoise } from './noise.ts';

const mean = (values: Float32Array, of: (value: number, i: number) => number = (value) => value) =>
	values.reduce((sum, value, i) => sum + of(value, i), 0) / values.length;

describe('frameNoise', () => {
	const noise = frameNoise(42, 3, 128, 72);

	it('is normal', () => {
		expect(noise).toHaveLength(4 * 128 * 72);
		expect(mean(noise)).toBeCloseTo(0, 1);
		expect(mean(noise, (value) => value ** 2)).toBeCloseTo(1, 1);
		expect(mean(noise, (value) => value ** 3)).toBeCloseTo(0, 0);
		expect(Math.abs(mean(noise, (value) => value ** 4) - 3)).toBeLessThan(0.2);
		const beyond = noise.filter((value) => Math.abs(value) > 1.96).length / noise.length;
		expect(beyond).toBeCloseTo(0.05, 2);
	});

	it.each([
		['the place beside it', (i: number) => noise[(i + 1) % noise.length]!],
		['the place below it', (i: number) => noise[(i + 128) % noise.length]!],
		['another channel', (i: number) => noise[(i + 128 * 72) % noise.length]!]
	])('is independent of that of %s', (_, other) => {
		expect(Math.abs(mean(noise, (value, i) => value * other(i)))).toBeLessThan(0.02);
	});

	it.each([
		['another frame', 42, 4],
		['another seed', 43, 3],
		['another seed and frame', 3, 42]
	])('is independent of that of %s', (_, seed, frame) => {
		const other = frameNoise(seed, frame, 128, 72);
		expect(Math.abs(mean(noise, (value, i) => value * other[i]!))).toBeLessThan(0.02);
	});

	it('is the same for a place whatever the size', () => {
		const larger = frameNoise(42, 3, 144, 80);
		const cut = noise.map((_, i) => {
			const [c, y, x] = [Math.floor(i / (128 * 72)), Math.floor(i / 128) % 72, i % 128];
			return larger[(c * 80 + y) * 144 + x]!;
		});
		expect(noise).toEqual(cut);
	});
});
