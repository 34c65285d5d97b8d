import { describe, expect, it } from 'vitest';
import { someJob } from '$lib/testing/fakes.ts';
import { defaultMatAnyoneOptions } from '$models/matanyone/options.ts';
import { defaultMatteOptions } from '$models/matter.ts';
import { workedSize } from './job-record.ts';

const record = { provider: 'cpu', frames: 10, width: 1920, height: 1080 };
const matanyone = { ...defaultMatAnyoneOptions, maxSize: 720 };

describe('workedSize', () => {
	it('is the one that was asked for', () => {
		const job = someJob({ engine: 'matanyone2', record });
		expect(workedSize(job)).toEqual({ width: 1920, height: 1080 });
		expect(workedSize({ ...job, options: { ...defaultMatteOptions, matanyone } })).toEqual({
			width: 1280,
			height: 720
		});
	});

	it('is in whole cells where a network works in those', () => {
		const job = someJob({ engine: 'videomama', record });
		expect(workedSize(job)).toEqual({ width: 1024, height: 576 });
	});

	it('is the smaller one that memory had room for', () => {
		const job = someJob({ engine: 'matanyone2', record: { ...record, workWidth: 960, workHeight: 540 } });
		expect(workedSize(job)).toEqual({ width: 960, height: 540 });
	});

	it('is said of networks only', () => {
		expect(workedSize(someJob({ record }))).toBeUndefined();
		expect(workedSize(someJob({ engine: 'matanyone2' }))).toBeUndefined();
	});
});
