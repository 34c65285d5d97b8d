import { describe, expect, it } from 'vitest';
import { disc, draw, grainy } from './classic/drawing.fixture.ts';
import { createForegroundEstimator } from './foreground.ts';

const size = { width: 321, height: 183 };
const target = grainy([200, 40, 60], 10);
const { frame, alpha } = draw(size, grainy([40, 170, 70], 10), target, disc(150, 90, 55, 20));

describe('the foreground estimator', () => {
	it("recovers the target's colours where the background shines through", () => {
		const estimate = createForegroundEstimator()(frame, alpha);
		let raw = 0;
		let left = 0;
		for (let i = 0; i < alpha.data.length; i++) {
			if (alpha.data[i]! < 32 || alpha.data[i] === 255) continue;
			const truth = target(i % size.width, Math.floor(i / size.width));
			for (let k = 0; k < 3; k++) {
				raw += Math.abs(frame.data[4 * i + k]! - truth[k]!);
				left += Math.abs(estimate.data[4 * i + k]! - truth[k]!);
			}
		}
		expect(left).toBeLessThan(0.2 * raw);
	});

	it('keeps the inside, carries the alpha, and extends the colour a little beyond the edge', () => {
		const estimate = createForegroundEstimator()(frame, alpha);
		expect(estimate).toMatchObject(size);
		for (let i = 0; i < alpha.data.length; i++) {
			expect(estimate.data[4 * i + 3]).toBe(alpha.data[i]);
			if (alpha.data[i] === 255) {
				expect(estimate.data.subarray(4 * i, 4 * i + 3)).toEqual(
					Uint8Array.from(frame.data.subarray(4 * i, 4 * i + 3))
				);
			}
		}
		const colour = (x: number, y: number) => [
			...estimate.data.subarray(4 * (y * size.width + x), 4 * (y * size.width + x) + 3)
		];
		const [red, green] = colour(150 + 67, 90) as [number, number, number];
		expect(red).toBeGreaterThan(150);
		expect(green).toBeLessThan(90);
		expect(colour(5, 5)).toEqual([0, 0, 0]);
	});

	it('gives black for an empty alpha and the frame itself for a full one', () => {
		const estimate = createForegroundEstimator();
		const plane = (value: number) => ({
			...size,
			data: new Uint8Array(size.width * size.height).fill(value)
		});
		expect(estimate(frame, plane(0)).data.some((value) => value > 0)).toBe(false);
		expect(estimate(frame, plane(255)).data).toEqual(Uint8Array.from(frame.data));
	});

	it('answers the same however often and in whatever order of sizes it is asked', () => {
		const estimate = createForegroundEstimator();
		const first = estimate(frame, alpha);
		const small = draw({ width: 17, height: 9 }, grainy([0, 0, 0]), target, disc(8, 4, 3));
		estimate(small.frame, small.alpha);
		expect(estimate(frame, alpha)).toEqual(first);
	});
});
