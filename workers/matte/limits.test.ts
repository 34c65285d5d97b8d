import { expect, it } from 'vitest';
import type { Size } from '../../models/frame.ts';
import { defaultMatAnyoneOptions, type MatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import { tooLargeHere } from './limits.ts';

const verdict = (clip: Size, options?: Partial<MatAnyoneOptions>) => {
	const matanyone = { ...defaultMatAnyoneOptions, ...options };
	return tooLargeHere({ engine: 'matanyone2-web', options: { ...defaultMatteOptions, matanyone } }, clip);
};

it('counts the pixels that the network works on, whose sides are rounded up', () => {
	expect(verdict({ width: 1280, height: 720 })).toBeUndefined();
	// Fewer pixels than 1280 x 736 as it is, more as the network sees it.
	const clip = { width: 1290, height: 724 };
	expect(verdict(clip)).toMatchObject({ code: 'too-large-here', params: clip });
});

it('leaves to the run what can be made smaller', () => {
	const clip = { width: 1920, height: 1080 };
	expect(verdict(clip)).toMatchObject({ code: 'too-large-here' });
	for (const options of [{ maxSize: 720 }, { crop: true }, { allowSmaller: true }])
		expect(verdict(clip, options)).toBeUndefined();
});
