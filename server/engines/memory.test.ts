import { expect, it } from 'vitest';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import { matAnyoneMemory, segmenterMemory, workingPixels, type Followed } from './memory.ts';
import type { EngineSetup } from './setup.ts';

const given = { memory: 8e9, precision: 'float32' } as const;
const need = (width: number, maxMemFrames: number) => {
	const matanyone = { ...defaultMatAnyoneOptions, maxMemFrames };
	return matAnyoneMemory({ width, height: 1088 }, { ...defaultMatteOptions, matanyone }, 'float32');
};

it.each([5, 10])('grants the pixels whose memory was reckoned with, for %i frames', (maxMemFrames) => {
	const columns = Math.floor(workingPixels(given, { maxMemFrames }) / 1088 / 16) * 16;
	expect(need(columns, maxMemFrames)).toBeLessThanOrEqual(given.memory);
	expect(need(columns + 16, maxMemFrames)).toBeGreaterThan(given.memory);
});

it('reckons with the size that the networks see, whose sides are multiples of 16', () => {
	expect(need(1905, 5)).toBe(need(1920, 5));
});

it('reckons with what SAM 3 remembers: every keyframe, and some frames of every target', () => {
	const setup = { provider: 'cuda', precision: 'float16' } as EngineSetup;
	const main = (followed?: Followed) =>
		segmenterMemory('sam3', { width: 1920, height: 1080 }, setup, followed).main;
	const map = 64 * 72 * 72 * 2;
	expect(main({ targets: 1, keyframes: 1000 }) - main({ targets: 1, keyframes: 1 })).toBe(999 * map);
	expect(main({ targets: 100, keyframes: 100 }) - main()).toBeGreaterThan(700e6);
	expect(main({ targets: 1, keyframes: 1, looksFor: true })).toBeGreaterThan(
		main({ targets: 1, keyframes: 1 })
	);
});
