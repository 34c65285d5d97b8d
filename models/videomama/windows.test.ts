import { describe, expect, it } from 'vitest';
import { fadeShare, windowCount, windowFrames } from './windows.ts';

const options = { window: 16, overlap: 2 };

describe('windows', () => {
	it.each([
		[1, 1],
		[16, 1],
		[17, 2],
		[30, 2],
		[31, 3]
	])('of %i frames are %i', (frames, count) => {
		expect(windowCount(frames, options)).toBe(count);
	});

	it('hold frames that they share once each', () => {
		expect(windowFrames(5, options)).toBe(5);
		expect(windowFrames(16, options)).toBe(16);
		expect(windowFrames(20, options)).toBe(32);
	});

	it('fade into one another evenly', () => {
		expect([0, 1, 2].map((i) => fadeShare(i, 3))).toEqual([0.25, 0.5, 0.75]);
	});
});
