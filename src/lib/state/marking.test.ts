import { describe, expect, it } from 'vitest';
import {
	ids,
	maskOf,
	negative,
	positive,
	promptingFixture,
	run,
	shown,
	thing
} from '$lib/testing/prompting.fixture.ts';

describe('what is said', () => {
	it('shows the mask of all prompts of a frame', async () => {
		const { prompting } = promptingFixture();
		prompting.add(positive);
		prompting.add(negative);
		expect(prompting.busy).toBe(true);
		await prompting.settled();
		expect(prompting).toMatchObject({ busy: false, ready: true, engine: 'sam3' });
		expect(prompting.masksAt(0)).toMatchObject([
			{ target: 1, colour: 1, on: true, from: 'marks', score: 0.9, mask: maskOf([positive, negative]) }
		]);
	});

	it('is of the active target, each with its own masks on the same frame', async () => {
		const { prompting, asked } = promptingFixture();
		prompting.add(positive);
		const second = prompting.addTarget('ball')!;
		expect(prompting.active).toBe(second);
		prompting.add(positive);
		prompting.add(positive);
		prompting.choose(1);
		prompting.add(negative);
		await prompting.settled();
		expect(shown(prompting)).toEqual([
			[1, maskOf([positive, negative])],
			[second, maskOf([positive, positive])]
		]);
		expect(new Set(asked.map(({ asker }) => asker))).toEqual(new Set([1, second]));
		expect(prompting.promptsAt(0)).toHaveLength(2);
		expect(prompting.promptsAt(0, second)).toEqual([positive, positive]);
		expect(prompting.targets).toMatchObject([
			{ id: 1, colour: 1 },
			{ id: second, colour: 2, name: 'ball' }
		]);
	});

	it('is of no more targets than there can be', () => {
		const { prompting } = promptingFixture();
		for (let count = 2; count <= 100; count++) expect(prompting.addTarget()).toBe(count);
		expect(prompting.notice).toBeUndefined();
		expect(prompting.addTarget()).toBeUndefined();
		expect(prompting).toMatchObject({ active: 100, notice: 'too-many' });
		expect(prompting.targets).toHaveLength(100);
	});

	it('turns a target on again that was off', () => {
		const { prompting } = promptingFixture();
		prompting.setOn(1, false);
		prompting.add(positive);
		expect(prompting.targets[0]!.on).toBe(true);
	});

	it('keeps the old mask until the new one is there', async () => {
		const { prompting, segments, release, say } = promptingFixture();
		await say(0);
		segments.hold = true;
		prompting.add(positive);
		expect(shown(prompting)).toEqual([[1, maskOf([positive])]]);
		release();
		await prompting.settled();
		expect(shown(prompting)).toEqual([[1, maskOf([positive, positive])]]);
	});

	it('shows the same object as long as nothing in it changes', async () => {
		const { prompting, say } = promptingFixture();
		await say(0);
		prompting.takeTracked(1, new Map([[1, run(2, 3)]]));
		const [before] = prompting.masksAt(0);
		const second = prompting.addTarget()!;
		prompting.add(positive);
		await prompting.settled();
		expect(prompting.masksAt(0)[0]).toBe(before);
		expect(prompting.masksAt(1)[0]!.mask).toBe(prompting.masksAt(1)[0]!.mask);
		prompting.setOn(1, false);
		expect(prompting.masksAt(0)).toMatchObject([
			{ target: 1, on: false },
			{ target: second, on: true }
		]);
	});

	it('drops an answer that came after its prompts were undone', async () => {
		const { prompting, segments, release } = promptingFixture();
		segments.hold = true;
		prompting.add(positive);
		prompting.undo();
		release();
		await prompting.settled();
		expect(shown(prompting)).toEqual([]);
	});

	it('does not name a target with negative prompts alone, and says so until it does', async () => {
		const { prompting, say } = promptingFixture();
		await say(0, negative);
		expect(prompting).toMatchObject({
			error: { code: 'prompt-empty' },
			ready: false,
			keyframeProblem: 'no-mask'
		});
		prompting.add(positive);
		expect(prompting.error).toBeUndefined();
	});

	it('cannot be added to while another tab writes the session', async () => {
		const { prompting, say, segments } = promptingFixture();
		await say(0);
		prompting.frozen = true;
		segments.found = [thing(0, 3, 0.9)];
		prompting.add(positive);
		prompting.addTarget();
		prompting.remove(1);
		prompting.undo();
		expect(await prompting.find({ words: 'person' })).toBe(0);
		expect(ids(prompting)).toEqual([1]);
		expect(prompting.promptsAt(0)).toEqual([positive]);
	});
});

describe('undo', () => {
	it('goes across frames, and asks for no mask twice', async () => {
		const { prompting, asked, say } = promptingFixture();
		await say(0);
		await say(1);
		prompting.undo();
		expect(prompting.frames).toEqual([0]);
		prompting.undo();
		expect(prompting).toMatchObject({ frames: [], ready: false, canUndo: false, canRedo: true });
		prompting.redo();
		prompting.redo();
		expect(prompting.frames).toEqual([0, 1]);
		expect(shown(prompting, 1)).toEqual([[1, maskOf([positive])]]);
		expect(asked).toHaveLength(2);
	});

	it('forgets what was undone once something new is said', () => {
		const { prompting } = promptingFixture();
		prompting.add(positive);
		prompting.undo();
		prompting.add(positive);
		expect(prompting.canRedo).toBe(false);
	});

	it('takes back names, what is on, removing and finding', async () => {
		const { prompting, say, segments } = promptingFixture();
		await say(0);
		prompting.rename(1, ' Anna ');
		prompting.setOn(1, false);
		segments.found = [thing(0, 2, 0.9), thing(4, 2, 0.8)];
		await prompting.find({ words: 'ball' }, '球');
		expect(ids(prompting)).toEqual([1, 2, 3]);
		prompting.remove(1);
		expect(ids(prompting)).toEqual([2, 3]);
		prompting.undo();
		expect(shown(prompting)[0]).toEqual([1, maskOf([positive])]);
		prompting.undo();
		expect(prompting.targets).toMatchObject([{ id: 1, name: 'Anna', on: false }]);
		prompting.undo();
		prompting.undo();
		expect(prompting.targets).toEqual([{ id: 1, colour: 1, on: true }]);
		for (let i = 0; i < 4; i++) prompting.redo();
		expect(ids(prompting)).toEqual([2, 3]);
		expect(shown(prompting)).toEqual([
			[2, run(0, 2)],
			[3, run(4, 2)]
		]);
	});

	it('brings back what was tracked of a removed target', async () => {
		const { prompting, say } = promptingFixture();
		await say(0);
		prompting.takeTracked(1, new Map([[1, run(2, 3)]]));
		prompting.remove(1);
		expect(prompting.targets).toEqual([{ id: 2, colour: 1, on: true }]);
		expect(shown(prompting, 1)).toEqual([]);
		prompting.undo();
		expect(shown(prompting, 1)).toEqual([[1, run(2, 3)]]);
	});

	it('takes back clearing a frame, or everything', async () => {
		const { prompting, say, player } = promptingFixture();
		await say(0);
		const second = prompting.addTarget()!;
		await say(0);
		await say(1);
		player.index = 0;
		prompting.clearFrame();
		expect(prompting.promptsAt(0, second)).toEqual([]);
		expect(prompting.promptsAt(0, 1)).toEqual([positive]);
		prompting.clear();
		expect(ids(prompting)).toEqual([3]);
		expect(prompting.frames).toEqual([]);
		prompting.undo();
		prompting.undo();
		expect(prompting.promptsAt(0, second)).toEqual([positive]);
		expect(prompting.frames).toEqual([0, 1]);
	});
});

describe('picking', () => {
	it('drops the smallest thing under a click, and takes it in again', async () => {
		const { prompting, segments } = promptingFixture();
		segments.found = [thing(0, 8, 0.9), thing(2, 2, 0.8)];
		await prompting.find({ words: 'person' });
		expect(prompting.toggleAt(2.5, 0.5)).toBe(true);
		expect(prompting.targets).toMatchObject([{ on: true }, { on: false }]);
		expect(prompting.toggleAt(2.5, 0.5)).toBe(true);
		expect(prompting.targets).toMatchObject([{ on: true }, { on: true }]);
		expect(prompting.active).toBe(2);
		prompting.toggleAt(6, 0.5);
		expect(prompting.targets).toMatchObject([{ on: false }, { on: true }]);
		expect(prompting.toggleAt(9, 0.5)).toBe(false);
	});

	it('takes all things in, or drops them, in one step', async () => {
		const { prompting, segments } = promptingFixture();
		segments.found = [thing(0, 2, 0.9), thing(3, 2, 0.8), thing(6, 2, 0.7)];
		await prompting.find({ words: 'person' });
		const on = () => prompting.targets.map((target) => target.on);
		prompting.setAllOn(false);
		prompting.toggle(2);
		expect(prompting.active).toBe(2);
		prompting.setAllOn(false);
		prompting.setAllOn(false);
		expect(on()).toEqual([false, false, false]);
		prompting.undo();
		expect(on()).toEqual([false, true, false]);
		prompting.undo();
		prompting.undo();
		expect(on()).toEqual([true, true, true]);
	});
});

describe('the preview on hover', () => {
	it('is of the newest place, asked for one at a time, and gives way to what is said', async () => {
		const { prompting, segments, asked, release } = promptingFixture();
		segments.hold = true;
		for (const x of [1, 2, 3]) prompting.hover({ x, y: 0 });
		expect(asked).toHaveLength(1);
		release();
		await expect.poll(() => asked.length).toBe(2);
		expect(asked.map(({ prompts, asker }) => [prompts, asker])).toEqual(
			[1, 3].map((x) => [[{ kind: 'point', x, y: 0, positive: true }], 'preview'])
		);
		release();
		await expect.poll(() => prompting.preview).toEqual(maskOf([positive]));
		prompting.add(positive);
		expect(prompting.preview).toBeUndefined();
		prompting.hover({ x: 4, y: 0 });
		expect(asked).toHaveLength(3);
		release();
		await prompting.settled();
	});

	it('comes again where the pointer rests, once the mask of a click is there', async () => {
		const { prompting, asked, say } = promptingFixture();
		prompting.hover({ x: 2, y: 0 });
		await expect.poll(() => prompting.preview).toBeDefined();
		await say(0);
		await expect.poll(() => prompting.preview).toEqual(maskOf([positive, positive]));
		expect(asked.at(-1)).toMatchObject({ prompts: [positive, { x: 2, y: 0 }], asker: 'preview' });
		prompting.hover(undefined);
		await say(0);
		expect(asked.at(-1)!.asker).toBe(1);
		expect(prompting.preview).toBeUndefined();
	});

	it('is not shown once the pointer has left, nor on another frame or with other tools', async () => {
		const { prompting, segments, player, release, asked } = promptingFixture();
		segments.hold = true;
		prompting.hover({ x: 1, y: 0 });
		prompting.hover(undefined);
		release();
		await Promise.resolve();
		expect(prompting.preview).toBeUndefined();
		segments.hold = false;
		prompting.hover({ x: 2, y: 0 });
		await expect.poll(() => prompting.preview).toBeDefined();
		player.index = 1;
		expect(prompting.preview).toBeUndefined();
		player.index = 0;
		prompting.tool = 'brush';
		prompting.hover({ x: 2, y: 0 });
		expect(prompting.preview).toBeUndefined();
		prompting.tool = 'point';
		segments.hovers = false;
		const before = asked.length;
		prompting.hover({ x: 3, y: 0 });
		expect(asked).toHaveLength(before);
	});
});
