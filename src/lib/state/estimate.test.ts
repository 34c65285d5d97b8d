import { describe, expect, it } from 'vitest';
import { someJob } from '$lib/testing/fakes.ts';
import { defaultMatAnyoneOptions } from '$models/matanyone/options.ts';
import { defaultMatteOptions } from '$models/matter.ts';
import type { Job } from '$protocol/schema.ts';
import { estimateSeconds, localPace } from './estimate.ts';

const clip = { frames: 100, keyframes: 1, width: 1280, height: 720 };

describe('estimateSeconds', () => {
	it('is the work over the pace, and unknown without one', () => {
		const classic = { ...clip, engine: 'classic', options: defaultMatteOptions } as const;
		expect(estimateSeconds(classic, 4 * 1280 * 720)).toBe(25);
		expect(estimateSeconds(classic, undefined)).toBeUndefined();
	});

	it('is less at a smaller working size', () => {
		const seconds = (maxSize: number) => {
			const matanyone = { ...defaultMatAnyoneOptions, maxSize };
			const options = { ...defaultMatteOptions, matanyone };
			return estimateSeconds({ ...clip, engine: 'matanyone2', options }, 1e6)!;
		};
		expect(seconds(360)).toBeCloseTo(seconds(-1) / 4);
	});
});

describe('localPace', () => {
	const matanyone = { ...defaultMatAnyoneOptions, warmup: 0 };
	const done = (change: Partial<Job> = {}) =>
		someJob({
			...{ id: 'local-1', engine: 'matanyone2-web', options: { ...defaultMatteOptions, matanyone } },
			record: { frames: 10, width: 100, height: 50, seconds: 5 },
			...change
		});

	it('is that of the newest job of this browser on the engine', () => {
		const jobs = [
			done(),
			done({ created: 1, record: { frames: 1, width: 1, height: 1, seconds: 1 } }),
			done({ id: 'on-the-server', created: 5000 }),
			done({ engine: 'classic', created: 5000 })
		];
		expect(localPace(jobs, 'matanyone2-web')).toBe(10_000);
	});

	it('is unknown before the first one', () => {
		expect(localPace([done({ record: undefined })], 'matanyone2-web')).toBeUndefined();
		expect(localPace([], 'classic')).toBeUndefined();
	});
});
