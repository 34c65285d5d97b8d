import { describe, expect, it } from 'vitest';
import type { RunLengthMask } from '$models/mask.ts';
import { openMask } from '$models/packed-mask.ts';
import type { Concept, Prompt } from '$models/segmenter.ts';
import { appError } from '$protocol/errors.ts';
import type { FoundThing, SegmentAnswer } from '$workers/segment/types.ts';
import type { Player } from './player.svelte.ts';
import { Prompting, type Segments } from './prompting.svelte.ts';

const positive: Prompt = { kind: 'point', x: 1, y: 0, positive: true };
const negative: Prompt = { kind: 'point', x: 0, y: 0, positive: false };

/** A row of eight pixels, of which so many are the target's, from `start` on. */
function run(start: number, length: number): RunLengthMask {
	return { width: 8, height: 1, counts: [start, length, 8 - start - length] };
}

/** A mask that tells how many prompts it was made from. */
function maskOf(prompts: readonly Prompt[]): RunLengthMask {
	return { width: 8, height: 1, counts: [8 - prompts.length, prompts.length] };
}

const thing = (start: number, length: number, score: number): FoundThing => ({
	...{ mask: run(start, length), score },
	box: { x: start, y: 0, width: length, height: 1 }
});

interface Asked {
	readonly prompts: readonly Prompt[];
	readonly base?: RunLengthMask;
	readonly asker?: number | 'preview';
}

/** Answers at once, or when `release` is called while `held`. */
function fakeSegments() {
	const asked: Asked[] = [];
	const concepts: Concept[] = [];
	const held: (() => void)[] = [];
	const segments: Segments & {
		hold: boolean;
		hovers: boolean;
		refines: boolean;
		found: readonly FoundThing[];
	} = {
		...{ hovers: true, refines: true, concepts: true },
		hold: false,
		found: [],
		prepare: async () => {},
		async segment(_frame, prompts, base, asker): Promise<SegmentAnswer | undefined> {
			asked.push({ prompts, base, asker });
			if (segments.hold) await new Promise<void>((resolve) => held.push(resolve));
			if (
				!base &&
				!prompts.some((prompt) => prompt.kind !== 'stroke' && (prompt.kind === 'box' || prompt.positive))
			)
				throw appError('prompt-empty');
			return { mask: maskOf(prompts), score: 0.9, engine: 'sam3', milliseconds: 1 };
		},
		async detect(_frame, concept) {
			concepts.push(concept);
			if (segments.hold) await new Promise<void>((resolve) => held.push(resolve));
			if (concept.words === '') throw appError('words-empty');
			return { found: segments.found, engine: 'sam3', milliseconds: 1 };
		}
	};
	return { segments, asked, concepts, release: () => held.splice(0).forEach((resolve) => resolve()) };
}

function setup() {
	const fake = fakeSegments();
	const player = {
		index: 0,
		info: { width: 8, height: 1, times: Float64Array.of(0, 0.5, 1, 1.5, 2) }
	} as unknown as Player;
	const prompting = new Prompting(player, fake.segments);
	/** Says something of the active target on a frame. */
	const say = async (index: number, prompt = positive) => {
		player.index = index;
		prompting.add(prompt);
		await prompting.settled();
	};
	return { ...fake, player, prompting, say };
}

const ids = (prompting: Prompting) => prompting.targets.map(({ id }) => id);
const shown = (prompting: Prompting, index = 0) =>
	prompting.masksAt(index).map(({ target, mask }) => [target, mask] as const);

describe('what is said', () => {
	it('shows the mask of all prompts of a frame', async () => {
		const { prompting } = setup();
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
		const { prompting, asked } = setup();
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
		const { prompting } = setup();
		for (let count = 2; count <= 100; count++) expect(prompting.addTarget()).toBe(count);
		expect(prompting.notice).toBeUndefined();
		expect(prompting.addTarget()).toBeUndefined();
		expect(prompting).toMatchObject({ active: 100, notice: 'too-many' });
		expect(prompting.targets).toHaveLength(100);
	});

	it('turns a target on again that was off', () => {
		const { prompting } = setup();
		prompting.setOn(1, false);
		prompting.add(positive);
		expect(prompting.targets[0]!.on).toBe(true);
	});

	it('keeps the old mask until the new one is there', async () => {
		const { prompting, segments, release, say } = setup();
		await say(0);
		segments.hold = true;
		prompting.add(positive);
		expect(shown(prompting)).toEqual([[1, maskOf([positive])]]);
		release();
		await prompting.settled();
		expect(shown(prompting)).toEqual([[1, maskOf([positive, positive])]]);
	});

	it('shows the same object as long as nothing in it changes', async () => {
		const { prompting, say } = setup();
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
		const { prompting, segments, release } = setup();
		segments.hold = true;
		prompting.add(positive);
		prompting.undo();
		release();
		await prompting.settled();
		expect(shown(prompting)).toEqual([]);
	});

	it('does not name a target with negative prompts alone, and says so until it does', async () => {
		const { prompting, say } = setup();
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
		const { prompting, say, segments } = setup();
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
		const { prompting, asked, say } = setup();
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
		const { prompting } = setup();
		prompting.add(positive);
		prompting.undo();
		prompting.add(positive);
		expect(prompting.canRedo).toBe(false);
	});

	it('takes back names, what is on, removing and finding', async () => {
		const { prompting, say, segments } = setup();
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
		const { prompting, say } = setup();
		await say(0);
		prompting.takeTracked(1, new Map([[1, run(2, 3)]]));
		prompting.remove(1);
		expect(prompting.targets).toEqual([{ id: 2, colour: 1, on: true }]);
		expect(shown(prompting, 1)).toEqual([]);
		prompting.undo();
		expect(shown(prompting, 1)).toEqual([[1, run(2, 3)]]);
	});

	it('takes back clearing a frame, or everything', async () => {
		const { prompting, say, player } = setup();
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

describe('finding', () => {
	it('makes each thing a target of its own, surest first; the empty one takes the first', async () => {
		const { prompting, segments, concepts } = setup();
		segments.found = [thing(0, 2, 0.9), thing(3, 2, 0.7), thing(6, 2, 0.6)];
		expect(await prompting.find({ words: 'red ball' }, '红球')).toBe(3);
		expect(concepts).toEqual([{ words: 'red ball' }]);
		expect(prompting.targets).toMatchObject([
			{ id: 1, colour: 1, name: '红球', words: 'red ball' },
			{ id: 2, colour: 2, name: '红球' },
			{ id: 3, colour: 3, name: '红球' }
		]);
		expect(prompting.masksAt(0)).toMatchObject([
			{ mask: run(0, 2), score: 0.9, from: 'marks' },
			{ mask: run(3, 2), score: 0.7 },
			{ mask: run(6, 2), score: 0.6 }
		]);
		expect(prompting).toMatchObject({ active: 1, ready: true, finding: false, notice: undefined });
	});

	it('changes nothing where nothing is like it, and says so until something else is done', async () => {
		const { prompting, say, segments } = setup();
		await say(0);
		const before = prompting.toJSON();
		segments.found = [];
		expect(await prompting.find({ words: 'unicorn' })).toBe(0);
		expect(prompting.notice).toBe('no-match');
		expect(prompting.toJSON()).toEqual(before);
		prompting.add(positive);
		expect(prompting.notice).toBeUndefined();
	});

	it('says what went wrong', async () => {
		const { prompting } = setup();
		expect(await prompting.find({ words: '' })).toBe(0);
		expect(prompting).toMatchObject({ error: { code: 'words-empty' }, finding: false, notice: undefined });
	});

	it('turns on what is a target already instead of making it another one', async () => {
		const { prompting, segments } = setup();
		segments.found = [thing(0, 4, 0.9), thing(5, 2, 0.8)];
		await prompting.find({ words: 'dog' });
		prompting.setOn(1, false);
		segments.found = [thing(0, 4, 0.95), thing(7, 1, 0.5)];
		expect(await prompting.find({ words: 'animal' })).toBe(2);
		expect(prompting.targets).toMatchObject([
			{ id: 1, on: true, words: 'dog' },
			{ id: 2 },
			{ id: 3, words: 'animal' }
		]);
	});

	it('says when there are more things than there can be targets', async () => {
		const { prompting, segments } = setup();
		segments.found = Array.from({ length: 120 }, (_, i) => ({
			...thing(0, 1, 0.5),
			mask: { width: 200, height: 1, counts: [i, 1, 199 - i] }
		}));
		expect(await prompting.find({ words: 'leaf' })).toBe(100);
		expect(prompting.targets).toHaveLength(100);
		expect(prompting.notice).toBe('too-many');
		const before = prompting.toJSON();
		segments.found = [{ ...thing(0, 1, 0.5), mask: { width: 200, height: 1, counts: [150, 1, 49] } }];
		expect(await prompting.find({ words: 'twig' })).toBe(0);
		expect(prompting.notice).toBe('too-many');
		expect(prompting.toJSON()).toEqual(before);
		prompting.undo();
		expect(prompting.canUndo).toBe(false);
	});

	it('looks again with every example, in place of what was found and not touched since', async () => {
		const { prompting, segments, concepts } = setup();
		const [meant, other] = [0, 4].map((x) => ({ x, y: 0, width: 2, height: 1 }));
		segments.found = [thing(0, 2, 0.9), thing(4, 2, 0.8)];
		await prompting.addExample({ ...meant!, positive: true });
		prompting.add(positive);
		await prompting.settled();
		segments.found = [thing(6, 2, 0.7)];
		await prompting.addExample({ ...other!, positive: false });
		expect(concepts).toEqual([
			{ examples: [{ ...meant!, positive: true }] },
			{
				examples: [
					{ ...meant!, positive: true },
					{ ...other!, positive: false }
				]
			}
		]);
		expect(prompting.examplesAt(0)).toHaveLength(2);
		expect(shown(prompting)).toEqual([
			[1, maskOf([positive])],
			[3, run(6, 2)]
		]);
		prompting.undo();
		expect(prompting.examplesAt(0)).toHaveLength(1);
		expect(shown(prompting)).toEqual([
			[1, maskOf([positive])],
			[2, run(4, 2)]
		]);
	});

	it('loses no example that is drawn while the ones before are looked for', async () => {
		const { prompting, segments, concepts, release, player } = setup();
		const [one, two, three] = [0, 2, 4].map((x) => ({ x, y: 0, width: 2, height: 1, positive: true }));
		segments.hold = true;
		segments.found = [thing(0, 2, 0.9)];
		const first = prompting.addExample(one!);
		expect(prompting.examplesAt(0)).toEqual([one]);
		const second = prompting.addExample(two!);
		expect(concepts).toEqual([{ examples: [one] }, { examples: [one, two] }]);
		expect(prompting.examplesAt(0)).toEqual([one, two]);
		player.index = 1;
		expect(prompting.examplesAt(1)).toEqual([]);
		player.index = 0;
		release();
		expect(await Promise.all([first, second])).toEqual([0, 1]);
		expect(prompting.examplesAt(0)).toEqual([one, two]);
		// What nothing is like is not kept.
		segments.found = [];
		const third = prompting.addExample(three!);
		release();
		expect(await third).toBe(0);
		expect(prompting.notice).toBe('no-example-match');
		expect(prompting.examplesAt(0)).toEqual([one, two]);
	});

	it('adds an example to the words that are looked for', async () => {
		const { prompting, segments, concepts, release } = setup();
		segments.hold = true;
		segments.found = [thing(0, 2, 0.9)];
		const example = { x: 0, y: 0, width: 2, height: 1, positive: true };
		const both = [prompting.find({ words: 'ball' }, '球'), prompting.addExample(example)];
		release();
		expect(await Promise.all(both)).toEqual([0, 1]);
		expect(concepts[1]).toEqual({ words: 'ball', examples: [example] });
		expect(prompting.targets).toMatchObject([{ name: '球', words: 'ball' }]);
	});

	it('is dropped when another clip is opened meanwhile', async () => {
		const { prompting, segments, release } = setup();
		segments.found = [thing(0, 2, 0.9)];
		segments.hold = true;
		const finding = prompting.find({ words: 'person' });
		expect(prompting).toMatchObject({ finding: true, busy: true });
		prompting.reset();
		release();
		expect(await finding).toBe(0);
		expect(shown(prompting)).toEqual([]);
	});
});

describe('picking', () => {
	it('drops the smallest thing under a click, and takes it in again', async () => {
		const { prompting, segments } = setup();
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
		const { prompting, segments } = setup();
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
		const { prompting, segments, asked, release } = setup();
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
		const { prompting, asked, say } = setup();
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
		const { prompting, segments, player, release, asked } = setup();
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

describe('what was tracked', () => {
	it('is shown where nothing is said, and corrected by what is', async () => {
		const { prompting, asked, say } = setup();
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
		const { prompting, asked, say, segments } = setup();
		await say(0);
		prompting.takeTracked(1, new Map([[1, run(0, 0)]]));
		await say(1);
		segments.refines = false;
		prompting.takeTracked(2, new Map([[1, run(2, 3)]]));
		await say(2);
		expect(asked.map(({ base }) => base)).toEqual([undefined, undefined, undefined]);
	});

	it('is asked for with the masks as they are shown, of the targets that are on', async () => {
		const { prompting, say, segments } = setup();
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
		const { prompting } = setup();
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
		const { prompting, say } = setup();
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
		const { prompting, say } = setup();
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
		const { prompting, say } = setup();
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
		const { prompting, say } = setup();
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
		const { prompting, say, segments, player } = setup();
		await say(1);
		await say(1, negative);
		segments.found = [thing(0, 2, 0.9), thing(4, 2, 0.8)];
		player.index = 2;
		await prompting.addExample({ x: 0, y: 0, width: 2, height: 1, positive: true });
		prompting.rename(2, 'ball');
		prompting.setOn(3, false);
		prompting.remove(prompting.addTarget()!);
		const saved = structuredClone(prompting.toJSON());
		const again = setup();
		again.prompting.restore(saved);
		expect(again.prompting.toJSON()).toEqual(saved);
		expect(again.prompting.masksAt(1)).toEqual(prompting.masksAt(1).map(({ askedAt: _, ...rest }) => rest));
		expect(again.prompting.masksAt(2)).toEqual(prompting.masksAt(2));
		expect(again.asked).toEqual([]);
		expect(again.prompting.addTarget()).toBe(5);
	});

	it('is forgotten for another clip, even what is on its way', async () => {
		const { prompting, segments, release } = setup();
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
