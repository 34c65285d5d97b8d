import { describe, expect, it } from 'vitest';
import { loadOpenCv, matOf, scoped } from './classic/opencv.ts';
import { boxBlur, finish } from './finish.ts';
import type { Alpha } from './frame.ts';

function noise(width: number, height: number): Alpha {
	let state = 1;
	const data = Uint8Array.from({ length: width * height }, () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state >>> 24;
	});
	return { width, height, data };
}

describe('boxBlur', () => {
	it.each([
		[37, 23, 1],
		[37, 23, 4],
		[9, 40, 16],
		[1, 5, 2]
	])("agrees with OpenCV's on %i x %i pixels with a radius of %i", async (width, height, radius) => {
		const cv = await loadOpenCv();
		const alpha = noise(width, height);
		const side = 2 * radius + 1;
		const expected = scoped((keep) => {
			const blurred = keep(new cv.Mat());
			cv.boxFilter(keep(matOf(cv, alpha, alpha.data)), blurred, -1, new cv.Size(side, side));
			return blurred.data.slice();
		});
		const { data } = boxBlur(alpha, radius);
		// OpenCV rounds by a multiplication in whole numbers.
		expect(Math.max(...data.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThanOrEqual(1);
	});
});

describe('finish', () => {
	const edge: Alpha = { width: 8, height: 1, data: Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255) };

	it('changes nothing unless asked to', () => {
		expect(finish(edge, { gamma: 1, feather: 0 })).toEqual(edge);
	});

	it('bends what lies between 0 and 255', () => {
		const half: Alpha = { width: 3, height: 1, data: Uint8Array.of(0, 128, 255) };
		expect([...finish(half, { gamma: 2, feather: 0 }).data]).toEqual([0, 64, 255]);
	});

	it('softens as far as the feather reaches', () => {
		expect([...finish(edge, { gamma: 1, feather: 2 }).data]).toEqual([0, 0, 28, 85, 170, 227, 255, 255]);
	});
});
