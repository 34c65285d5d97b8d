import { describe, expect, it } from 'vitest';
import { someJob } from '$lib/testing/fakes.ts';
import { defaultVideoMaMaOptions } from '$models/videomama/options.ts';
import { videoMaMaPresets } from '$models/videomama/presets.ts';
import { presetToTry, videoMaMaFit } from './videomama-fit.ts';

const picture = { width: 1920, height: 1080 };
const card = (gigabytes: number) =>
	({ provider: 'cuda', precision: 'float16', memory: gigabytes * 1e9 }) as const;

describe('videoMaMaFit', () => {
	it('finds the largest preset for a card', () => {
		const largest = videoMaMaPresets.map(
			({ gigabytes }) => videoMaMaFit(picture, defaultVideoMaMaOptions, card(gigabytes)).preset?.gigabytes
		);
		expect(largest).toEqual([6, 8, 12, 16, 24]);
	});

	it('says when memory is short, and what fits', () => {
		const fit = videoMaMaFit(picture, defaultVideoMaMaOptions, card(8));
		expect(fit.short).toBe(true);
		expect(fit.need).toBeGreaterThan(8e9);
		expect(fit.preset?.gigabytes).toBe(8);
		const chosen = { ...defaultVideoMaMaOptions, ...fit.preset };
		expect(videoMaMaFit(picture, chosen, card(8)).short).toBe(false);
	});

	it('finds no preset where there is too little for any', () => {
		const fit = videoMaMaFit(picture, defaultVideoMaMaOptions, card(2));
		expect([fit.short, fit.preset]).toEqual([true, undefined]);
	});

	it('takes twice the room and more on a processor', () => {
		const onCard = videoMaMaFit(picture, defaultVideoMaMaOptions, card(24));
		const onCpu = videoMaMaFit(picture, defaultVideoMaMaOptions, {
			...{ provider: 'cpu', precision: 'float32', memory: 64e9 }
		});
		expect(onCpu.need).toBeGreaterThan(1.8 * onCard.need);
	});

	it('tells the need, but not whether it fits, while the server says nothing of its memory', () => {
		const fit = videoMaMaFit(picture, defaultVideoMaMaOptions, { provider: 'cuda' });
		expect(fit.need).toBeGreaterThan(1e9);
		expect([fit.short, fit.preset, fit.room]).toEqual([false, undefined, undefined]);
	});
});

describe('presetToTry', () => {
	const failed = (code: 'out-of-memory' | 'memory-short' | 'engine-died', params = {}) =>
		someJob({ engine: 'videomama', state: 'failed', error: { code, params } });

	it('is the one that the engine named', () => {
		expect(presetToTry(failed('out-of-memory', { preset: 6 }), picture, card(24))?.gigabytes).toBe(6);
	});

	it('takes less than what failed, however much room there should be, and finds room', () => {
		expect(presetToTry(failed('out-of-memory'), picture, card(24))?.gigabytes).toBe(8);
		expect(presetToTry(failed('memory-short'), picture, card(6))?.gigabytes).toBe(6);
	});

	it('is for a lack of memory and for VideoMaMa only', () => {
		expect(presetToTry(failed('engine-died'), picture, card(24))).toBeUndefined();
		const other = someJob({ engine: 'matanyone2', error: { code: 'out-of-memory', params: {} } });
		expect(presetToTry(other, picture, card(24))).toBeUndefined();
	});
});
