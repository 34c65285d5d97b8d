import { expect, it } from 'vitest';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import { matAnyoneMemory, workingPixels } from './memory.ts';

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
