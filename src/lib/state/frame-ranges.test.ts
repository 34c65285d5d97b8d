import { expect, it } from 'vitest';
import { FrameRanges } from './frame-ranges.ts';

function rangesOf(frames: readonly number[]): FrameRanges {
	const ranges = new FrameRanges();
	for (const frame of frames) ranges.add(frame);
	return ranges;
}

it('tells stretches, in whatever order their frames came', () => {
	const orders = [
		[0, 1, 2, 4, 5],
		[5, 4, 2, 1, 0],
		[0, 2, 1, 5, 4, 1, 5],
		[2, 5, 0, 4, 1]
	];
	for (const order of orders)
		expect(rangesOf(order).all).toEqual([
			[0, 2],
			[4, 5]
		]);
	expect(rangesOf([0, 1, 2, 4, 5, 3]).all).toEqual([[0, 5]]);
});

it('forgets frames at their ends, in their middle, and where there are none', () => {
	const ranges = rangesOf([0, 1, 2, 3, 4]);
	for (const frame of [0, 2, 4, 9]) ranges.delete(frame);
	expect(ranges.all).toEqual([
		[1, 1],
		[3, 3]
	]);
	for (const frame of [1, 3]) ranges.delete(frame);
	expect(ranges.all).toEqual([]);
});

it('tells the first frame from a number on', () => {
	const ranges = rangesOf([2, 3, 7]);
	expect([-Infinity, 3, 4, 8].map((frame) => ranges.firstFrom(frame))).toEqual([2, 3, 7, undefined]);
});
