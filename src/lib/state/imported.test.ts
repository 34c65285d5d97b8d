import { describe, expect, it } from 'vitest';
import { ids, positive, promptingFixture, run, shown } from '$lib/testing/prompting.fixture.ts';
import { openMask, packMask } from '$models/packed-mask.ts';
import { packAlpha, parseAlpha, unpackAlpha } from '$models/packed-alpha.ts';
import type { Keyframe } from '$protocol/schema.ts';

const size = { width: 8, height: 1 };
const soft = (...data: number[]) => packAlpha({ ...size, data: Uint8Array.from(data) });
/** Masks of five frames: not seen, then growing. */
const masks = async () =>
	new Map(
		await Promise.all(
			[0, 1, 2, 3, 4].map(async (length, frame) => {
				const edge = length === 2 ? await soft(200, 130, 90, 0, 0, 0, 0, 0) : undefined;
				return [frame, { mask: packMask(run(0, length)), soft: edge }] as const;
			})
		)
	);
const edgeOf = async ({ soft }: Keyframe) => soft && [...(await unpackAlpha(parseAlpha(soft, size))).data];

describe('masks that come from elsewhere', () => {
	it('are shown at once, of a new target, as if it was tracked', async () => {
		const { prompting } = promptingFixture();
		const id = prompting.addImported(await masks(), { name: 'dog' })!;
		expect(prompting.targets.map(({ name, on }) => [name, on])).toEqual([
			[undefined, true],
			['dog', true]
		]);
		expect(prompting.active).toBe(id);
		expect(shown(prompting, 3)).toEqual([[id, run(0, 3)]]);
		expect(prompting.trackedRanges(id)).toEqual([[0, 4]]);
		expect(prompting.staleFrom(id)).toBeUndefined();
		expect(prompting.framesOf(id)).toEqual([1]);
	});

	it('are what every kind of engine is given', async () => {
		const { prompting } = promptingFixture();
		prompting.addImported(await masks(), {});
		const every = await prompting.keyframes('every-frame');
		expect(every.map(({ time, mask }) => [time, openMask(mask)])).toEqual(
			[0, 1, 2, 3, 4].map((length) => [length / 2, run(0, length)])
		);
		expect((await prompting.keyframes('keyframes')).map(({ time }) => time)).toEqual([0.5]);
	});

	it('keep their soft edges for an engine that heeds them', async () => {
		const { prompting } = promptingFixture();
		prompting.addImported(await masks(), {});
		const edges = async () => Promise.all((await prompting.keyframes('every-frame', true)).map(edgeOf));
		const edge = [200, 130, 90, 0, 0, 0, 0, 0];
		expect(await edges()).toEqual([undefined, undefined, edge, undefined, undefined]);
		expect((await prompting.keyframes('every-frame')).some((keyframe) => 'soft' in keyframe)).toBe(false);
		// Together with another target, of which only hard masks are known.
		prompting.addImported(new Map([0, 1, 2, 3, 4].map((i) => [i, { mask: packMask(run(2, 2)) }])), {});
		expect((await edges())[2]).toEqual([200, 130, 255, 255, 0, 0, 0, 0]);
	});

	it('lose them where something else is said of the frame', async () => {
		const { prompting, say } = promptingFixture();
		prompting.addImported(await masks(), {});
		await say(2, positive);
		const keyframes = await prompting.keyframes('every-frame', true);
		expect(keyframes.some((keyframe) => 'soft' in keyframe)).toBe(false);
		expect(prompting.staleFrom(prompting.active)).toBe(2);
	});

	it('take another target’s place, which undoing gives back with all that was said of it', async () => {
		const { prompting, say } = promptingFixture();
		prompting.rename(1, 'cat');
		await say(0);
		prompting.takeTracked(1, new Map([[1, run(4, 1)]]));
		const id = prompting.addImported(await masks(), { name: 'dog' }, 1)!;
		expect(prompting.targets.map(({ name }) => name)).toEqual(['cat']);
		expect(shown(prompting, 1)).toEqual([[id, run(0, 1)]]);
		prompting.undo();
		expect(ids(prompting)).toEqual([1]);
		expect(shown(prompting, 1)).toEqual([[1, run(4, 1)]]);
		prompting.redo();
		expect(shown(prompting, 4)).toEqual([[id, run(0, 4)]]);
	});

	it('are taken of as many targets as there can be, and of none while another tab writes', async () => {
		const { prompting } = promptingFixture();
		while (prompting.addTarget() !== undefined);
		expect(prompting.addImported(await masks(), {})).toBeUndefined();
		expect(prompting.addImported(await masks(), {}, prompting.active)).toBeDefined();
		prompting.frozen = true;
		expect(prompting.addImported(await masks(), {}, prompting.active)).toBeUndefined();
	});
});
