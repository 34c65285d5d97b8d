import { describe, expect, it } from 'vitest';
import { defaultMatteOptions } from '../../models/matter.ts';
import { defaultVideoMaMaOptions } from '../../models/videomama/options.ts';
import { videoMaMaPresets } from '../../models/videomama/presets.ts';
import { matteOptions } from './schema.ts';

describe('the options of VideoMaMa', () => {
	const read = (videomama: object) => matteOptions.safeParse({ ...defaultMatteOptions, videomama });

	it('may be left out, each of them', () => {
		expect(read({}).data).toEqual({ ...defaultMatteOptions, videomama: defaultVideoMaMaOptions });
	});

	it.each(videoMaMaPresets)('take the preset of $gigabytes GB', ({ maxSize, window, overlap }) => {
		expect(read({ maxSize, window, overlap }).success).toBe(true);
	});

	it.each([
		[{ maxSize: 1000 }],
		[{ maxSize: 64 }],
		[{ maxSize: 4096 }],
		[{ window: 1 }],
		[{ window: 33 }],
		[{ overlap: 0 }],
		[{ window: 4, overlap: 4 }],
		[{ seed: -1 }],
		[{ seed: 2 ** 32 }]
	])('do not take %j', (options) => {
		expect(read(options).success).toBe(false);
	});
});
