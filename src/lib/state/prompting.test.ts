import { describe, expect, it } from 'vitest';
import { openMask } from '$models/packed-mask.ts';
import {
	maskOf,
	negative,
	positive,
	promptingFixture,
	run,
	shown,
	thing
} from '$lib/testing/prompting.fixture.ts';

describe('what is saved', () => {
	it('has no mask that was made of older prompts, while the newer one is on its way', async () => {
		const { prompting, say } = promptingFixture();
		await say(0);
		prompting.add(negative);
		expect(prompting.toJSON().marks).toMatchObject([{ prompts: [positive, negative], mask: undefined }]);
		await prompting.settled();
		expect(prompting.toJSON().marks).toMatchObject([{ mask: maskOf([positive, negative]) }]);
	});
});

describe('what was tracked', () => {
	it('is shown where nothing is said, and corrected by what is', async () => {
		const { prompting, asked, say } = promptingFixture();
		await say(0);
		prompting.takeTracked(0, new Map([[1, run(1, 1)]]));
		prompting.takeTracked(1, new Map([[1, run(2, 3)]]));
		expect(prompting.masksAt(0)).toMatchObject([{ from: 'marks' }]);
		expect(prompting.masksAt(1)).toMatchObject([{ from: 'tracking', mask: run(2, 3) }]);
		await say(1, negative);
		await say(1, positive);
		expect(asked.slice(1).map(({ base }) => base)).toEqual([run(2, 3), run(2, 3)]);
		expect(shown(prompting, 1)).toEqual([[1, maskOf([negative, positive])]]);
	});

	it('is not corrected but said anew where the segmenter cannot correct, or nothing was seen', async () => {
		const { prompting, asked, say, segments } = promptingFixture();
		await say(0);
		prompting.takeTracked(1, new Map([[1, run(0, 0)]]));
		await say(1);
		segments.refines = false;
		prompting.takeTracked(2, new Map([[1, run(2, 3)]]));
		await say(2);
		expect(asked.map(({ base }) => base)).toEqual([undefined, undefined, undefined]);
	});

	it('is asked for with the masks as they are shown, of the targets that are on', async () => {
		const { prompting, say, segments } = promptingFixture();
		await say(1);
		await say(3);
		segments.found = [thing(0, 2, 0.9), thing(4, 2, 0.8)];
		await prompting.find({ words: 'ball' });
		prompting.setOn(3, false);
		expect(prompting.trackRequest({ from: 2, to: 4 })).toEqual({
			...{ from: 2, to: 4 },
			targets: [
				{
					id: 1,
					keyframes: [1, 3].map((frame) => ({ frame, prompts: [], mask: maskOf([positive]) }))
				},
				{ id: 2, keyframes: [{ frame: 3, prompts: [], mask: run(0, 2) }] }
			]
		});
	});

	it('tells its stretches, and forgets them where it is told to', () => {
		const { prompting } = promptingFixture();
		for (const index of [3, 0, 1, 4]) prompting.takeTracked(index, new Map([[1, run(1, 1)]]));
		expect(prompting.trackedRanges(1)).toEqual([
			[0, 1],
			[3, 4]
		]);
		prompting.dropTracked(1, 3);
		expect(prompting.trackedRanges(1)).toEqual([
			[0, 0],
			[4, 4]
		]);
		expect(prompting.trackedRanges(2)).toEqual([]);
	});

	it('is stale from the first frame on which something else is said than it follows from', async () => {
		const { prompting, say } = promptingFixture();
		const track = (from: number) => {
			prompting.trackRequest({ from });
			for (let index = from; index < 5; index++) prompting.takeTracked(index, new Map([[1, run(1, 1)]]));
		};
		await say(1);
		track(0);
		expect(prompting.staleFrom(1)).toBeUndefined();
		await say(3);
		expect(prompting.staleFrom(1)).toBe(3);
		prompting.undo();
		expect(prompting.staleFrom(1)).toBeUndefined();
		prompting.redo();
		track(3);
		expect(prompting.staleFrom(1)).toBeUndefined();
		prompting.clearFrame();
		expect(prompting.staleFrom(1)).toBe(3);
		// The first keyframe is followed backward as well.
		await say(1);
		expect(prompting.staleFrom(1)).toBe(0);
	});
});

describe('keyframes', () => {
	const both = { width: 8, height: 1, counts: [0, 2, 5, 1] };

	it('are what all targets that are on show together, on frames where all are known', async () => {
		const { prompting, say } = promptingFixture();
		await say(0);
		prompting.takeTracked(2, new Map([[1, run(0, 2)]]));
		prompting.addTarget();
		await say(2);
		prompting.addTarget();
		expect(await prompting.keyframes('keyframes')).toEqual([{ time: 1, mask: both }]);
		prompting.setOn(2, false);
		expect(await prompting.keyframes('keyframes')).toEqual([{ time: 0, mask: maskOf([positive]) }]);
	});

	it('cannot be had from targets that are marked on different frames only: they must be tracked first', async () => {
		const { prompting, say } = promptingFixture();
		expect(prompting.keyframeProblem).toBe('no-mask');
		await say(0);
		prompting.addTarget();
		await say(2);
		expect(prompting).toMatchObject({ ready: false, keyframeProblem: 'apart' });
		expect(await prompting.keyframes('every-frame')).toEqual([]);
		prompting.takeTracked(2, new Map([[1, run(0, 2)]]));
		expect(prompting).toMatchObject({ ready: true, keyframeProblem: undefined });
		prompting.setOn(1, false);
		prompting.setOn(2, false);
		expect(prompting.keyframeProblem).toBe('no-mask');
	});

	it('are every frame that is known where the engine needs every frame, even where nothing is seen', async () => {
		const { prompting, say } = promptingFixture();
		await say(1);
		for (const [index, mask] of [run(1, 1), run(2, 2), run(0, 0), run(3, 3)].entries())
			prompting.takeTracked(index, new Map([[1, mask]]));
		expect((await prompting.keyframes('keyframes')).map(({ time }) => time)).toEqual([0.5]);
		const all = await prompting.keyframes('every-frame');
		expect(all.map(({ time, mask }) => ({ time, mask: openMask(mask) }))).toEqual([
			{ time: 0, mask: run(1, 1) },
			{ time: 0.5, mask: maskOf([positive]) },
			{ time: 1, mask: run(0, 0) },
			{ time: 1.5, mask: run(3, 3) }
		]);
	});
});

describe('what is saved', () => {
	it('comes back as it was, without asking for masks again', async () => {
		const { prompting, say, segments, player } = promptingFixture();
		await say(1);
		await say(1, negative);
		segments.found = [thing(0, 2, 0.9), thing(4, 2, 0.8)];
		player.index = 2;
		await prompting.addExample({ x: 0, y: 0, width: 2, height: 1, positive: true });
		prompting.rename(2, 'ball');
		prompting.setOn(3, false);
		prompting.remove(prompting.addTarget()!);
		const saved = structuredClone(prompting.toJSON());
		const again = promptingFixture();
		again.prompting.restore(saved);
		expect(again.prompting.toJSON()).toEqual(saved);
		expect(again.prompting.masksAt(1)).toEqual(prompting.masksAt(1).map(({ askedAt: _, ...rest }) => rest));
		expect(again.prompting.masksAt(2)).toEqual(prompting.masksAt(2));
		expect(again.asked).toEqual([]);
		expect(again.prompting.addTarget()).toBe(5);
	});

	it('is forgotten for another clip, even what is on its way', async () => {
		const { prompting, segments, release } = promptingFixture();
		segments.hold = true;
		prompting.add(positive);
		prompting.takeTracked(1, new Map([[1, run(1, 1)]]));
		prompting.reset();
		release();
		await prompting.settled();
		expect(prompting).toMatchObject({ frames: [], ready: false, canUndo: false });
		expect(prompting.trackedRanges(1)).toEqual([]);
	});
});
