import { describe, expect, test } from 'vitest';
import { unit } from '../weights/stand-in.ts';
import { roiWeights, type NormalisedBox } from './roi-weights.ts';

const [grid, size] = [9, 3];

/** Left, top, right, bottom in cells of the map. */
function box(left: number, top: number, right: number, bottom: number): NormalisedBox {
	return [left + right, top + bottom, 2 * (right - left), 2 * (bottom - top)].map(
		(value) => value / 2 / grid
	) as unknown as NormalisedBox;
}

/** A map pooled by the weights of one box: size x size. */
function pool(map: ArrayLike<number>, one: NormalisedBox): number[] {
	const { y, x } = roiWeights([one], grid, size);
	return Array.from({ length: size * size }, (_, place) => {
		const [i, j] = [Math.floor(place / size), place % size];
		let sum = 0;
		for (let row = 0; row < grid; row++) {
			for (let column = 0; column < grid; column++)
				sum += y[i * grid + row]! * map[row * grid + column]! * x[j * grid + column]!;
		}
		return sum;
	});
}

describe('RoIAlign as two products', () => {
	const map = unit('roi.feature', grid * grid);

	// As torchvision's roi_align(map, [box], 3) defines it, sample by sample.
	test.each<[[number, number, number, number], number[]]>([
		[
			[1.2, 2.1, 6.3, 7.9],
			[-0.261918, -0.319916, -0.747832, -0.025258, 0.006485, -0.063026, 0.141952, 0.216232, -0.133162]
		],
		[
			[-3, -2, 4, 3],
			[0.0, -0.10542, 0.020251, 0.0, -0.162038, 0.062861, 0.0, -0.063507, -0.227625]
		],
		[
			[5, 5, 5.2, 5.1],
			[0.069346, 0.140323, 0.211301, 0.030868, 0.092444, 0.15402, -0.007611, 0.044564, 0.096739]
		],
		[
			[-0.5, 6, 20, 30],
			[0.010502, 0.013231, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
		]
	])('pools %s as the sampled operator', (corners, expected) => {
		const pooled = pool(map, box(...corners));
		for (const [i, value] of expected.entries()) expect(pooled[i]).toBeCloseTo(value, 5);
	});

	test('means nothing for a box beyond the border', () => {
		expect(pool(map, box(-9, -9, -5, -5))).toEqual(Array(9).fill(0));
	});

	test('keeps the mean of what a box covers', () => {
		const flat = new Float64Array(grid * grid).fill(2.5);
		for (const value of pool(flat, box(1.3, 2.2, 6.1, 8.9))) expect(value).toBeCloseTo(2.5, 5);
	});

	test('gives each box rows of its own', () => {
		const boxes = [box(0, 0, 9, 9), box(2, 1, 5, 7)];
		const both = roiWeights(boxes, grid, size);
		const second = roiWeights(boxes.slice(1), grid, size);
		expect(both.y.subarray(size * grid)).toEqual(second.y);
		expect(both.x.subarray(size * grid)).toEqual(second.x);
	});
});
