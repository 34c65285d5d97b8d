import type { RunLengthMask } from '$models/mask.ts';
import type { Concept, Prompt } from '$models/segmenter.ts';
import { appError } from '$protocol/errors.ts';
import type { Player } from '$lib/state/player.svelte.ts';
import { Prompting, type Segments } from '$lib/state/prompting.svelte.ts';
import type { FoundThing, SegmentAnswer } from '$workers/segment/types.ts';

export const positive: Prompt = { kind: 'point', x: 1, y: 0, positive: true };
export const negative: Prompt = { kind: 'point', x: 0, y: 0, positive: false };

/** A row of eight pixels, of which so many are the target's, from `start` on. */
export function run(start: number, length: number): RunLengthMask {
	return { width: 8, height: 1, counts: [start, length, 8 - start - length] };
}

/** A mask that tells how many prompts it was made from. */
export function maskOf(prompts: readonly Prompt[]): RunLengthMask {
	return { width: 8, height: 1, counts: [8 - prompts.length, prompts.length] };
}

export const thing = (start: number, length: number, score: number): FoundThing => ({
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

/** Prompting over five frames of eight pixels in a row. */
export function promptingFixture() {
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

/** The targets' ids. */
export const ids = (prompting: Prompting) => prompting.targets.map(({ id }) => id);
/** The masks that are shown on a frame, by target. */
export const shown = (prompting: Prompting, index = 0) =>
	prompting.masksAt(index).map(({ target, mask }) => [target, mask] as const);
