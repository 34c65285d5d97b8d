import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

it('finds the nearest of uneven timestamps', () => {
	const times = Float64Array.of(0, 0.04, 0.1, 0.5);
	expect([-1, 0, 0.019, 0.021, 0.05, 0.08, 0.29, 0.31, 9].map((t) => nearest(times, t))).toEqual([
		0, 0, 0, 1, 1, 2, 2, 3, 3
	]);
	expect(nearest(Float64Array.of(5), 0)).toBe(0);
});
