import { expect, it } from 'vitest';
import { maskArea } from '$models/mask.ts';
import { frames, someMask, trackingFixture } from '$lib/testing/tracking.fixture.ts';
import { Taking } from './track-taking.ts';

const masks = (found: number) =>
	new Map([
		[1, someMask(2)],
		[2, someMask(found)]
	]);

it('counts a frame once, and makes one target of a thing, though masks are read again from the start', () => {
	const { prompting } = trackingFixture().session;
	const size = { width: 4, height: 1 };
	const taking = new Taking({ prompting, size, targets: [1], words: 'person' });
	for (const index of [0, 1, 2]) taking.take(index, masks(index === 2 ? 1 : 0));
	for (let index = 0; index < frames; index++) taking.take(index, masks(index >= 2 ? 1 : 0));
	expect(taking.done).toBe(frames);
	expect(prompting.targets).toMatchObject([{ id: 1 }, { id: 2, words: 'person' }]);
	expect(prompting.trackedRanges(2)).toEqual([[0, frames - 1]]);
	expect(maskArea(prompting.tracked.at(2, 1)!)).toBe(0);
});
