import { describe, expect, it } from 'vitest';
import { resizeAntialiased } from './antialias.ts';

const from = { width: 5, height: 4 };
const values = Array.from({ length: 20 }, (_, i) => (i * i) / 10);

/** As PyTorch's `interpolate(mode='bilinear', antialias=True)` says. */
const small = [2.84898, 4.37302, 6.35102, 15.30816, 19.30159, 23.74898];
const firstRow = [0, 0.05714, 0.18571, 0.4, 0.75714, 1.2, 1.6];
const lastRow = [22.5, 24.27143, 26.54286, 28.9, 31.4, 33.98571, 36.1];

function expectClose(found: ArrayLike<number>, expected: readonly number[]) {
	expect(found.length).toBe(expected.length);
	for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 4);
}

describe('antialiased resizing', () => {
	it('shrinks like PyTorch', () => {
		expectClose(resizeAntialiased(values, from, { width: 3, height: 2 }), small);
	});

	it('grows like PyTorch', () => {
		const grown = resizeAntialiased(values, from, { width: 7, height: 6 });
		expectClose(grown.subarray(0, 7), firstRow);
		expectClose(grown.subarray(35), lastRow);
	});

	it('leaves what has the size already', () => {
		expect(resizeAntialiased(values, from, from)).toEqual(Float32Array.from(values));
	});
});
