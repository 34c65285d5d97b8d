import { describe, expect, it } from 'vitest';
import type { RunLengthMask } from '$models/mask.ts';
import type { Prompt } from '$models/segmenter.ts';
import { appError } from '$protocol/errors.ts';
import type { SegmentAnswer } from '$workers/segment/types.ts';
import type { Player } from './player.svelte.ts';
import { Prompting, type Segments } from './prompting.svelte.ts';

const positive: Prompt = { kind: 'point', x: 1, y: 0, positive: true };
const negative: Prompt = { kind: 'point', x: 0, y: 0, positive: false };

/** A mask that tells how many prompts it was made from. */
function maskOf(prompts: readonly Prompt[]): RunLengthMask {
	return { width: 8, height: 1, counts: [8 - prompts.length, prompts.length] };
}

/** Answers at once, or when `release` is called while `held`. */
function fakeSegments() {
	const asked: number[] = [];
	const held: (() => void)[] = [];
	const segments: Segments & { hold: boolean } = {
		hold: false,
		info: async () => ({ engine: 'fake', prompts: ['point'] }),
		prepare: async () => {},
		close() {},
		async segment(_frame, prompts): Promise<SegmentAnswer | undefined> {
			asked.push(prompts.length);
			if (segments.hold) await new Promise<void>((resolve) => held.push(resolve));
			if (!prompts.some((prompt) => prompt.kind === 'point' && prompt.positive))
				throw appError('prompt-empty');
			return { mask: maskOf(prompts), score: 1, engine: 'fake', milliseconds: 1 };
		}
	};
	return { segments, asked, release: () => held.splice(0).forEach((resolve) => resolve()) };
}

function setup() {
	const fake = fakeSegments();
	const player = {
		index: 0,
		info: { width: 8, height: 1, times: Float64Array.of(0, 0.5, 1) }
	} as unknown as Player;
	return { ...fake, player, prompting: new Prompting(player, fake.segments) };
}

describe('Prompting', () => {
	it('shows the mask of all prompts of a frame', async () => {
		const { prompting } = setup();
		prompting.add(positive);
		prompting.add(negative);
		expect(prompting.busy).toBe(true);
		await prompting.settled();
		expect(prompting).toMatchObject({ busy: false, ready: true, engine: 'fake' });
		expect(prompting.maskAt(0)?.mask).toEqual(maskOf([positive, negative]));
	});

	it('gives the masks of all frames as keyframes, in order of time', async () => {
		const { prompting, player } = setup();
		player.index = 2;
		prompting.add(positive);
		player.index = 0;
		prompting.add(positive);
		await prompting.settled();
		expect(prompting.keyframes()).toEqual([
			{ time: 0, mask: maskOf([positive]) },
			{ time: 1, mask: maskOf([positive]) }
		]);
	});

	it('undoes and redoes across frames, and asks for no mask twice', async () => {
		const { prompting, player, asked } = setup();
		prompting.add(positive);
		player.index = 1;
		prompting.add(positive);
		await prompting.settled();
		prompting.undo();
		expect(prompting.frames).toEqual([0]);
		prompting.undo();
		expect(prompting).toMatchObject({ frames: [], ready: false, canUndo: false, canRedo: true });
		prompting.redo();
		prompting.redo();
		expect(prompting.frames).toEqual([0, 1]);
		expect(prompting.maskAt(1)?.mask).toEqual(maskOf([positive]));
		expect(asked).toEqual([1, 1]);
	});

	it('forgets what was undone once something new is said', () => {
		const { prompting } = setup();
		prompting.add(positive);
		prompting.undo();
		prompting.add(positive);
		expect(prompting.canRedo).toBe(false);
	});

	it('clears one frame or all, and takes that back', async () => {
		const { prompting, player } = setup();
		prompting.add(positive);
		player.index = 1;
		prompting.add(positive);
		await prompting.settled();
		prompting.clearFrame();
		expect(prompting.frames).toEqual([0]);
		prompting.clear();
		expect(prompting.keyframes()).toEqual([]);
		prompting.undo();
		prompting.undo();
		expect(prompting.keyframes()).toHaveLength(2);
	});

	it('drops an answer that came after its prompts were undone', async () => {
		const { prompting, segments, release } = setup();
		segments.hold = true;
		prompting.add(positive);
		prompting.undo();
		release();
		await prompting.settled();
		expect(prompting.maskAt(0)).toBeUndefined();
	});

	it('keeps the old mask until the new one is there', async () => {
		const { prompting, segments, release } = setup();
		prompting.add(positive);
		await prompting.settled();
		segments.hold = true;
		prompting.add(positive);
		expect(prompting.maskAt(0)?.mask).toEqual(maskOf([positive]));
		release();
		await prompting.settled();
		expect(prompting.maskAt(0)?.mask).toEqual(maskOf([positive, positive]));
	});

	it('says that prompts do not name a target, until they do', async () => {
		const { prompting } = setup();
		prompting.add(negative);
		await prompting.settled();
		expect(prompting).toMatchObject({ error: { code: 'prompt-empty' }, ready: false });
		prompting.add(positive);
		expect(prompting.error).toBeUndefined();
	});

	it('comes back as it was saved, without asking for masks again', async () => {
		const { prompting, player } = setup();
		player.index = 1;
		prompting.add(positive);
		await prompting.settled();
		const saved = structuredClone(prompting.toJSON());
		const again = setup();
		again.prompting.restore(saved);
		expect(again.prompting.keyframes()).toEqual(prompting.keyframes());
		expect(again.prompting.promptsAt(1)).toEqual([positive]);
		expect(again.asked).toEqual([]);
	});

	it('forgets everything for another clip, even what is on its way', async () => {
		const { prompting, segments, release } = setup();
		segments.hold = true;
		prompting.add(positive);
		prompting.reset();
		release();
		await prompting.settled();
		expect(prompting).toMatchObject({ frames: [], ready: false, canUndo: false });
	});
});
