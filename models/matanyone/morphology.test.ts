import { beforeAll, describe, expect, it } from 'vitest';
import { loadOpenCv, matOf, scoped, type Mat, type OpenCv } from '../classic/opencv.ts';
import type { Plane } from '../frame.ts';
import { dilate, erode } from './morphology.ts';

type Morphology = OpenCv & {
	readonly MORPH_ELLIPSE: number;
	getStructuringElement(shape: number, size: { width: number; height: number }): Mat;
	dilate(source: Mat, result: Mat, kernel: Mat): void;
	erode(source: Mat, result: Mat, kernel: Mat): void;
};

let cv: Morphology;
beforeAll(async () => {
	cv = (await loadOpenCv()) as Morphology;
});

function openCv(operation: 'dilate' | 'erode', mask: Plane, size: number): Uint8Array {
	return scoped((keep) => {
		const kernel = keep(cv.getStructuringElement(cv.MORPH_ELLIPSE, new cv.Size(size, size)));
		const result = keep(new cv.Mat());
		cv[operation](keep(matOf(cv, mask, mask.data)), result, kernel);
		return result.data.slice();
	});
}

/** Specks, a disc, and bars that touch the borders. */
function drawing(width: number, height: number): Plane {
	const data = new Uint8Array(width * height);
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < width; x++, i++) {
			const speck = (x * 7919 + y * 104729) % 601 === 0;
			const disc = Math.hypot(x - width * 0.6, y - height * 0.5) < height * 0.3;
			const bar = x < 3 || (y > height - 6 && x > width / 2);
			if (speck || disc || bar) data[i] = 255;
		}
	}
	return { width, height, data };
}

describe.each([
	['dilate', dilate],
	['erode', erode]
] as const)('%s', (name, operation) => {
	it.each([1, 2, 3, 4, 5, 7, 10, 15, 16, 31, 64])("agrees with OpenCV's kernel of %i", (size) => {
		for (const [width, height] of [
			[83, 47],
			[20, 120]
		] as const) {
			const mask = drawing(width, height);
			const expected = openCv(name, mask, size);
			expect(Buffer.compare(Uint8Array.from(operation(mask, size).data), expected)).toBe(0);
		}
	});
});

it('grows a point by 4 pixels to the left and 5 to the right with the default kernel', () => {
	const point: Plane = { width: 21, height: 21, data: new Uint8Array(441) };
	point.data[10 * 21 + 10] = 255;
	const grown = dilate(point, 10).data;
	const columns = [...grown.subarray(10 * 21, 11 * 21).entries()].filter(([, value]) => value > 0);
	expect([columns[0]![0], columns.at(-1)![0]]).toEqual([6, 15]);
});
