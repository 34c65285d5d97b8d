import { describe, expect, test } from 'vitest';
import {
	connectedComponents,
	fillHoles,
	iou,
	pairwiseIou,
	regionOf,
	resizeToMask,
	suppressOverlaps,
	withoutOverlaps
} from './regions.ts';

/** Logits from a drawing: 1 where there is a `#`, -1 elsewhere. */
function draw(...rows: string[]) {
	const size = { width: rows[0]!.length, height: rows.length };
	return { size, logits: Float32Array.from(rows.join(''), (sign) => (sign === '#' ? 1 : -1)) };
}

describe('overlap', () => {
	test('counts what two masks share, over what either has', () => {
		const a = Float32Array.from({ length: 100 }, (_, i) => (i < 60 ? 2 : -2));
		const b = Float32Array.from({ length: 100 }, (_, i) => (i >= 20 && i < 80 ? 0.5 : 0));
		expect(regionOf(a).area).toBe(60);
		expect(iou(regionOf(a), regionOf(b))).toBeCloseTo(40 / 80, 12);
		expect(regionOf(b, 0.5).area).toBe(0);
		expect(iou(regionOf(b, 1), regionOf(b, 1))).toBe(0);
		expect(pairwiseIou([regionOf(a)], [regionOf(a), regionOf(b)])).toEqual([[1, 0.5]]);
	});

	test('keeps the surest of those that overlap too much', () => {
		const strip = (from: number, to: number) =>
			regionOf(Float32Array.from({ length: 40 }, (_, i) => (i >= from && i < to ? 1 : -1)));
		const regions = [strip(0, 10), strip(1, 11), strip(20, 30), strip(10, 20)];
		expect(suppressOverlaps(regions, [0.6, 0.9, 0.7, 0.8], 0.1)).toEqual([1, 3, 2]);
		expect(suppressOverlaps(regions, [0.6, 0.9, 0.7, 0.8], 0.04)).toEqual([1, 2]);
		expect(suppressOverlaps([], [], 0.1)).toEqual([]);
	});

	test('gives every pixel to the surest mask, the first of equals', () => {
		const masks = [Float32Array.of(3, 1, -20, 2), Float32Array.of(1, 2, -5, 2)];
		expect(withoutOverlaps(masks).map((mask) => [...mask])).toEqual([
			[3, -10, -20, 2],
			[-10, 2, -5, -10]
		]);
		expect(withoutOverlaps([Float32Array.of(-30, 4)])[0]).toEqual(Float32Array.of(-30, 4));
		expect(withoutOverlaps([])).toEqual([]);
	});
});

describe('components', () => {
	test('reach around corners, and count what is outside', () => {
		const { logits, size } = draw('#..#', '.#..', '...#');
		const { labels, areas } = connectedComponents(
			[...logits].map((logit) => (logit > 0 ? 1 : 0)),
			size
		);
		expect([...labels]).toEqual([1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 3]);
		expect(areas).toEqual([8, 2, 1, 1]);
	});

	test('follow a winding line of any length', () => {
		const width = 301;
		const winding = Uint8Array.from({ length: width * width }, (_, i) => {
			const [x, y] = [i % width, Math.floor(i / width)];
			return y % 2 === 0 || x === (y % 4 === 1 ? width - 1 : 0) ? 1 : 0;
		});
		expect(connectedComponents(winding, { width, height: width }).areas).toHaveLength(2);
	});

	test('that meet late are one', () => {
		const { logits, size } = draw('#.#.#', '#.#.#', '#.###', '##...', '....#');
		const inside = [...logits].map((logit) => (logit > 0 ? 1 : 0));
		expect(connectedComponents(inside, size).areas).toEqual([12, 12, 1]);
	});

	test('holes are filled and sprinkles removed up to an area', () => {
		const { logits, size } = draw(
			'#######....', //
			'#.#####..#.',
			'#######....',
			'#..####.##.',
			'#..####.##.',
			'#######....'
		);
		const at = (mask: Float32Array, x: number, y: number) => mask[y * size.width + x]!;
		const one = fillHoles(logits, size, 1);
		expect(at(one, 1, 1)).toBeCloseTo(0.1);
		expect(at(one, 1, 3)).toBe(-1);
		expect(at(one, 9, 1)).toBeCloseTo(-0.1);
		expect(at(one, 8, 3)).toBe(1);
		const four = fillHoles(logits, size, 4);
		expect(at(four, 1, 3)).toBeCloseTo(0.1);
		expect(at(four, 8, 3)).toBeCloseTo(-0.1);
		expect(at(four, 0, 0)).toBe(1);
		expect(fillHoles(logits, size, 0)).toEqual(logits);
	});

	test('a tiny object stays: a sprinkle has at most half of the mask', () => {
		const { logits, size } = draw('#.....', '......', '...##.', '...#..', '......');
		const left = fillHoles(logits, size, 4);
		expect([...left].filter((logit) => logit > 0)).toHaveLength(3);
	});
});

describe('resizing', () => {
	// torch.nn.functional.interpolate(mode='bilinear', align_corners=False) of these numbers.
	const from = { width: 5, height: 4 };
	const logits = Float32Array.of(
		...[-1.1258, -1.1524, -0.2506, -0.4339, 0.5988, -1.5551, -0.3414, 1.853, 0.4681, -0.1577],
		...[1.4437, 0.266, 1.3894, 1.5863, 0.9463, -0.8437, 0.9318, 1.259, 2.005, 0.0537]
	);
	const narrower = [
		...[-1.1347, -0.2506, 0.2546, -1.1403, 0.5007, 0.1818, -1.1494, 1.7027, 0.0654, -0.0497, 1.6212, 0.6053],
		...[0.9581, 1.3801, 1.1271, 0.2135, 1.3056, 0.8668, -0.2519, 1.259, 0.7041]
	];
	const wider = [
		...[-1.1258, -1.1347, -1.1494, -0.7516, -0.2506, -0.3524, -0.3192, 0.2546, 0.5988],
		...[-1.3405, -1.1426, -0.8128, -0.0589, 0.8012, 0.3656, 0.0397, 0.1527, 0.2206],
		...[-1.0553, -0.7836, -0.3307, 0.6558, 1.7757, 1.1528, 0.5847, 0.2357, 0.0263],
		...[0.9439, 0.6842, 0.2513, 0.7434, 1.4667, 1.4296, 1.3291, 0.9748, 0.7623],
		...[0.3, 0.3996, 0.5657, 0.9213, 1.3242, 1.5861, 1.6517, 0.9319, 0.5],
		...[-0.8437, -0.2519, 0.7345, 1.0772, 1.259, 1.6734, 1.7882, 0.7041, 0.0537]
	];

	test.each([
		[{ width: 3, height: 7 }, narrower],
		[{ width: 9, height: 6 }, wider]
	])('to %o is bilinear between centres', (to, expected) => {
		for (let threshold = -1.205; threshold < 2; threshold += 0.05) {
			const mask = resizeToMask(logits, from, to, threshold);
			expect([...mask]).toEqual(expected.map((value) => (value > threshold ? 255 : 0)));
		}
	});

	test('to its own size changes nothing', () => {
		const mask = resizeToMask(logits, from, from);
		expect([...mask]).toEqual([...logits].map((logit) => (logit > 0 ? 255 : 0)));
	});
});
