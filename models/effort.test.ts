import { describe, expect, it } from 'vitest';
import { effort, type JobEffort } from './effort.ts';
import { defaultMatAnyoneOptions } from './matanyone/options.ts';
import { defaultMatteOptions } from './matter.ts';
import { defaultVideoMaMaOptions } from './videomama/options.ts';

const clip = { frames: 100, keyframes: 1, width: 1280, height: 720 };
const classic: JobEffort = { ...clip, engine: 'classic', options: defaultMatteOptions };
const matAnyone = (options = {}): JobEffort => ({
	...clip,
	engine: 'matanyone2',
	options: { ...defaultMatteOptions, matanyone: { ...defaultMatAnyoneOptions, ...options } }
});

describe('effort', () => {
	it('is every pixel once for the classic engine, whatever is set for another', () => {
		expect(effort(classic)).toBe(100 * 1280 * 720);
		expect(effort({ ...matAnyone({ maxSize: 360 }), engine: 'classic' })).toBe(100 * 1280 * 720);
	});

	it('has the warm-up of every keyframe with MatAnyone', () => {
		expect(effort(matAnyone({ warmup: 0 }))).toBe(100 * 1280 * 720);
		expect(effort({ ...matAnyone({ warmup: 10 }), keyframes: 3 })).toBe(130 * 1280 * 720);
		expect(effort({ ...matAnyone(), options: defaultMatteOptions })).toBe(110 * 1280 * 720);
	});

	it('has the frames that windows share in each of them, at the size that VideoMaMa works at', () => {
		const options = {
			...defaultMatteOptions,
			videomama: { ...defaultVideoMaMaOptions, window: 10, overlap: 4 }
		};
		const job: JobEffort = { ...clip, engine: 'videomama', options };
		expect(effort(job)).toBe(16 * 10 * 1024 * 576);
		expect(effort({ ...job, frames: 3 })).toBe(3 * 1024 * 576);
	});

	it('is counted at the size that MatAnyone works at', () => {
		expect(effort(matAnyone({ warmup: 0, maxSize: 360 }))).toBe(100 * 640 * 360);
		expect(effort(matAnyone({ warmup: 0, maxSize: 1080 }))).toBe(100 * 1280 * 720);
	});
});
