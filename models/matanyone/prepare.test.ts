import { expect, it } from 'vitest';
import { defaultMatteOptions } from '../matter.ts';
import { createMatAnyoneMatter } from './matter.ts';
import type { OpenNetworks } from './networks.ts';
import { fakeNetworks } from './networks.fixture.ts';
import { defaultMatAnyoneOptions, type MatAnyoneOptions } from './options.ts';

const size = { width: 96, height: 96 };
const withOptions = (changes: Partial<MatAnyoneOptions> = {}) => ({
	...defaultMatteOptions,
	matanyone: { ...defaultMatAnyoneOptions, ...changes }
});

it('stops loading when the job is cancelled', async () => {
	const open: OpenNetworks = (_size, signal) => Promise.reject(signal!.reason as Error);
	const matter = createMatAnyoneMatter({ id: 'matanyone2', open });
	const prepared = matter.prepare!(size, withOptions(), AbortSignal.abort());
	await expect(prepared).rejects.toMatchObject({ name: 'AbortError' });
});

it('loads no more than fits with as many memory frames as the job has', async () => {
	let opened = 0;
	const matter = createMatAnyoneMatter({
		id: 'matanyone2',
		open: (size) => {
			opened++;
			return Promise.resolve(fakeNetworks(size, { alphaOf: () => new Float32Array(96 * 96) }).networks);
		},
		maxWorkingPixels: ({ maxMemFrames }) => (maxMemFrames > 5 ? 96 * 95 : 96 * 96)
	});
	await matter.prepare!(size, withOptions({ maxMemFrames: 10 }));
	expect(opened).toBe(0);
	await matter.prepare!(size, withOptions());
	expect(opened).toBe(1);
});
