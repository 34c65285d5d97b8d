import { expect, it } from 'vitest';
import type { Alpha } from '../../models/frame.ts';
import {
	ClipErrors,
	connectivityError,
	gradientError,
	meanAbsoluteDifference,
	meanSquaredError,
	temporalError
} from './metrics.ts';

/** An alpha from rows of values in [0, 1]. */
function alpha(...rows: number[][]): Alpha {
	return {
		width: rows[0]!.length,
		height: rows.length,
		data: Uint8Array.from(rows.flat(), (value) => value * 255)
	};
}
const plane = (width: number, height: number, value: (x: number, y: number) => number): Alpha =>
	alpha(...Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => value(x, y))));

it('averages absolute and squared differences', () => {
	const truth = alpha([0, 1], [0, 1]);
	const predicted = alpha([0.2, 1], [0, 0.4]);
	expect(meanAbsoluteDifference(predicted, truth)).toBeCloseTo((1000 * (0.2 + 0.6)) / 4, 9);
	expect(meanSquaredError(predicted, truth)).toBeCloseTo((1000 * (0.04 + 0.36)) / 4, 9);
});

it('compares changes in time', () => {
	const still = alpha([0, 1, 0.2, 0.2]);
	const moved = alpha([0, 1, 0.6, 0.2]);
	// A constant error does not flicker; a change that the truth lacks does.
	expect(temporalError(alpha([0, 0.4, 0, 0]), alpha([0, 0.4, 0, 0]), still, still)).toBe(0);
	expect(temporalError(moved, still, still, still)).toBeCloseTo(100 * Math.sqrt(0.16 / 4), 9);
	expect(temporalError(moved, still, moved, still)).toBe(0);
});

it('measures the gradient of a step by a Gaussian derivative of unit energy', () => {
	const step = plane(40, 20, (x) => (x < 20 ? 0 : 1));
	const empty = plane(40, 20, () => 0);
	// Every row gives the same; summed over the columns near the step: (Σ_k≥j g'(k))² (Σ g)² for every place j.
	const g = (x: number) => Math.exp((-x * x) / (2 * 1.4 ** 2));
	const taps = Array.from({ length: 9 }, (_, i) => i - 4);
	const energy =
		taps.reduce((sum, x) => sum + g(x) ** 2, 0) * taps.reduce((sum, x) => sum + (x * g(x)) ** 2, 0);
	const smoothing = taps.reduce((sum, x) => sum + g(x), 0);
	let expected = 0;
	for (let j = 0; j < 40; j++) {
		const response = taps.filter((k) => j + k >= 20 && j + k < 40).reduce((sum, x) => sum - x * g(x), 0);
		const repeated = taps.filter((k) => j + k >= 40).reduce((sum, x) => sum - x * g(x), 0);
		expected += ((response + repeated) * smoothing) ** 2 / energy;
	}
	expect(gradientError(empty, step)).toBeCloseTo((expected * 20) / 1000, 9);
	expect(gradientError(step, step)).toBe(0);
});

it('counts what is cut off from the largest shared region', () => {
	const truth = alpha([1, 1, 1, 0, 1, 1]);
	// The right part is in both, but not connected: its level is 0 in both, so nothing differs there.
	expect(connectivityError(truth, truth)).toBe(0);
	// Where the truth is whole and the prediction 0.6 (stored as 153): the shared region ends at 0.6 there,
	// so the truth stands 0.4 above it and the prediction 0.
	const weak = alpha([1, 1, 0.6, 0, 0, 0]);
	const whole = alpha([1, 1, 1, 0, 0, 0]);
	expect(connectivityError(weak, whole)).toBeCloseTo(0.4 / 1000, 6);
	// Less than 0.15 above its level counts as connected.
	const nearly = alpha([1, 1, 0.92, 0, 0, 0]);
	expect(connectivityError(nearly, whole)).toBe(0);
	// A diagonal neighbour is not connected.
	expect(connectivityError(alpha([1, 1, 0], [0, 0, 0]), alpha([1, 1, 0], [0, 0, 1]))).toBeCloseTo(
		1 / 1000,
		9
	);
});

it('averages over frames, the first counting as steady', () => {
	const errors = new ClipErrors();
	const truth = alpha([0, 1]);
	errors.add(alpha([0.5, 1]), truth);
	errors.add(alpha([0, 1]), truth);
	const half = Math.floor(0.5 * 255) / 255;
	expect(errors.mean.mad).toBeCloseTo((1000 * half) / 2 / 2, 9);
	expect(errors.mean.dtssd).toBeCloseTo((100 * Math.sqrt(half ** 2 / 2)) / 2, 9);
});
