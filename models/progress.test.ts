import { describe, expect, it } from 'vitest';
import { JobProgress } from './progress.ts';

describe('JobProgress', () => {
	it('estimates the time left from the measured pace', () => {
		let time = 0;
		const seen: unknown[] = [];
		const progress = new JobProgress(
			10,
			({ stage, done, total, etaMs }) => seen.push([stage, done, total, etaMs]),
			() => time
		);
		progress.begin('track', 4);
		time = 20;
		progress.done(2);
		progress.begin('matte', 10);
		time = 140;
		progress.done(6);
		progress.begin('finish', 0);
		expect(seen).toEqual([
			['track', 0, 4, undefined],
			['track', 2, 4, 220],
			['matte', 0, 10, undefined],
			['matte', 6, 10, 80],
			['finish', 0, 0, undefined]
		]);
	});
});
