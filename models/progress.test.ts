import { describe, expect, it } from 'vitest';
import type { MatterStep } from './matter.ts';
import { JobProgress } from './progress.ts';

describe('JobProgress', () => {
	it('estimates the time left from the measured pace', () => {
		let time = 0;
		const seen: unknown[] = [];
		const progress = new JobProgress(
			10,
			({ stage, done, total, etaMs }) => seen.push([stage, done, total, etaMs]),
			{ now: () => time }
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

	it('estimates by the steps of a matter that works on windows, from where it went on', () => {
		let time = 0;
		const seen: unknown[] = [];
		const progress = new JobProgress(
			40,
			({ stage, done, step, etaMs }) => seen.push([stage, done, step?.stage, etaMs]),
			{ windowed: true, now: () => time }
		);
		const step = (stage: MatterStep['stage'], share: number) =>
			progress.step({ window: 3, windows: 4, stage, share });
		progress.begin('track', 40);
		time = 20;
		progress.done(20);
		progress.begin('matte', 40);
		progress.done(20);
		step('encode', 0.5);
		time = 120;
		step('denoise', 0.6);
		time = 220;
		progress.done(30);
		progress.begin('finish', 0);
		expect(seen).toEqual([
			['track', 0, undefined, undefined],
			['track', 20, undefined, undefined],
			['matte', 0, undefined, undefined],
			['matte', 20, undefined, undefined],
			['matte', 20, 'encode', undefined],
			['matte', 20, 'denoise', 400],
			['matte', 30, 'denoise', 300],
			['finish', 0, undefined, undefined]
		]);
	});
});
