import { describe, expect, it } from 'vitest';
import { noise } from './drawing.fixture.ts';
import { graphCut, HARD, pairWeights } from './graph-cut.ts';

const size = { width: 4, height: 3 };
const steps = [
	[1, 0],
	[-1, 1],
	[0, 1],
	[1, 1]
] as const;

function energy(labels: ArrayLike<number>, unary: Float32Array, pairs: Float32Array): number {
	let sum = 0;
	for (let y = 0, i = 0; y < size.height; y++) {
		for (let x = 0; x < size.width; x++, i++) {
			if (labels[i]) sum -= unary[i]!;
			for (const [plane, [dx, dy]] of steps.entries()) {
				if (x + dx < 0 || x + dx >= size.width || y + dy >= size.height) continue;
				if (labels[i] !== labels[i + dy * size.width + dx]) sum += pairs[plane * 12 + i]!;
			}
		}
	}
	return sum;
}

describe('graphCut', () => {
	it('finds the best of all labellings', () => {
		for (let trial = 0; trial < 40; trial++) {
			const unary = Float32Array.from({ length: 12 }, (_, i) => {
				const value = 4 * (noise(i, trial) - 0.5);
				return noise(i, trial, 1) < 0.1 ? HARD * Math.sign(value) : value;
			});
			const lab = Uint8Array.from({ length: 36 }, (_, i) => 255 * noise(i, trial, 2));
			const pairs = pairWeights(size, lab, 1.5);
			let best = Infinity;
			for (let bits = 0; bits < 4096; bits++) {
				const labels = Array.from({ length: 12 }, (_, i) => (bits >> i) & 1);
				best = Math.min(best, energy(labels, unary, pairs));
			}
			expect(energy(graphCut(size, unary, pairs), unary, pairs)).toBeCloseTo(best, 1);
		}
	});

	it('keeps what is ordered', () => {
		const unary = Float32Array.from({ length: 12 }, (_, i) => (i === 5 ? -HARD : 2));
		const labels = graphCut(size, unary, pairWeights(size, new Uint8Array(36).fill(90), 0.1));
		expect([...labels]).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]);
	});
});
