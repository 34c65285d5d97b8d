import { describe, expect, it } from 'vitest';
import { memoryTogether, networkMemory, onCard, videoMaMaEffort, videoMaMaMemory } from './estimate.ts';
import { defaultVideoMaMaOptions } from './options.ts';
import { presetOf, presetThatFits, smallerPreset, videoMaMaPresets } from './presets.ts';

const hd = { width: 1920, height: 1080 };
const onCpu = { precision: 'float32', attention: 'parts' } as const;

describe('presets', () => {
	it.each(videoMaMaPresets)('of $gigabytes GB leaves a tenth of the card to others', (preset) => {
		expect(videoMaMaMemory(hd, preset)).toBeLessThan(0.9 * preset.gigabytes * 2 ** 30);
	});

	it('take more memory one after the other, of any picture', () => {
		for (const picture of [hd, { width: 1080, height: 1920 }, { width: 2048, height: 2048 }]) {
			const bytes = videoMaMaPresets.map((preset) => videoMaMaMemory(picture, preset));
			expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
		}
	});

	it('are known by their options; the default is that of 12 GB', () => {
		expect(presetOf(defaultVideoMaMaOptions)).toMatchObject({ gigabytes: 12 });
		expect(presetOf({ ...defaultVideoMaMaOptions, overlap: 3 })).toBeUndefined();
	});
});

describe('the preset that fits', () => {
	it.each(videoMaMaPresets)('a card of $gigabytes GB is its own', (preset) => {
		expect(presetThatFits(0.9 * preset.gigabytes * 2 ** 30)).toBe(preset);
	});

	it('is none where there is too little, and smaller for a square picture or on the CPU', () => {
		expect(presetThatFits(3e9)).toBeUndefined();
		const bytes = 10.8 * 2 ** 30;
		expect(presetThatFits(bytes, { width: 2048, height: 2048 })!.gigabytes).toBeLessThan(12);
		expect(presetThatFits(8e9, hd, onCpu)).toBeUndefined();
		expect(presetThatFits(23e9, hd, onCpu)).toBeDefined();
	});

	it('is smaller than what did not fit', () => {
		expect(smallerPreset(defaultVideoMaMaOptions)).toMatchObject({ gigabytes: 8 });
		expect(smallerPreset({ maxSize: 2048, window: 32 })).toMatchObject({ gigabytes: 24 });
		expect(smallerPreset({ maxSize: 2048, window: 32 }, hd, onCard, 8e9)).toMatchObject({ gigabytes: 8 });
		expect(smallerPreset(videoMaMaPresets[0])).toBeUndefined();
	});
});

describe('memory', () => {
	it('is that of each network and of what it keeps, where they do not take turns', () => {
		const canvas = { width: 1024, height: 576 };
		const [turns, together] = [networkMemory, memoryTogether].map((of) => of(canvas, 16, onCard));
		expect(together! - turns!).toBeGreaterThan(3e9);
		// The encoder's weights and what it computes with are float32 in half precision, too.
		const encoder = 4 * (34.16e6 + 384 * 1024 * 576);
		const least = 2 * (8320 * 16 * 128 * 72) + encoder;
		expect(together! - turns!).toBeCloseTo(least, -3);
	});
});

describe('the memory of attention in parts', () => {
	it('is that of two parts of the scores at most', () => {
		const fused = videoMaMaMemory(hd, defaultVideoMaMaOptions, { ...onCpu, attention: 'fused' });
		expect(videoMaMaMemory(hd, defaultVideoMaMaOptions, onCpu) - fused).toBe(2 * 2 ** 30);
	});
});

describe('effort', () => {
	it('counts shared frames in each window, at the size of the canvas', () => {
		const options = { ...defaultVideoMaMaOptions, maxSize: 512, window: 12, overlap: 2 };
		expect(videoMaMaEffort(hd, 5, options)).toBe(5 * 512 * 320);
		expect(videoMaMaEffort(hd, 22, options)).toBe(24 * 512 * 320);
	});
});
