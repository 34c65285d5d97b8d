import type { RunLengthMask } from '$models/mask.ts';
import type { Example, Prompt } from '$models/segmenter.ts';
import { nearest } from '$workers/media/nearest.ts';
import type { Answer } from './answers.svelte.ts';
import type { Document } from './document.svelte.ts';
import { nothingSaid, withMarks, type Marks, type Said, type Search, type Target } from './targets.ts';

/** What is said of one target on one frame, as it is saved. */
export interface SavedMarks {
	readonly target: number;
	/** Seconds after the first frame. */
	readonly time: number;
	readonly revision: number;
	readonly prompts: readonly Prompt[];
	/** What the prompts correct; without prompts, the mask. */
	readonly base?: RunLengthMask;
	/** What was made of the prompts. */
	readonly mask?: RunLengthMask;
	/** How sure the mask is, 0 to 1. */
	readonly score?: number;
}

/** Examples on a frame, and what was found by them. */
export interface SavedSearch {
	readonly time: number;
	readonly words?: string;
	readonly examples: readonly Example[];
	readonly targets: readonly number[];
}

/** Targets, prompts and masks as they are saved. */
export interface PromptingJSON {
	readonly version: 2;
	readonly targets: readonly Target[];
	readonly marks: readonly SavedMarks[];
	readonly searches: readonly SavedSearch[];
	/** The highest target's id and revision that were ever given: neither is given twice. */
	readonly last: { readonly target: number; readonly revision: number };
}

/** As it is before anything was said. */
export const nothingSaved: PromptingJSON = {
	version: 2,
	targets: nothingSaid().targets,
	marks: [],
	searches: [],
	last: { target: 1, revision: 0 }
};

/**
 * What is said, as it is saved.
 * @param times of the clip's frames, in seconds after the first
 * @param made the mask that was made of these marks, and of no others
 */
export function toSaved(
	{ said, last }: Pick<Document, 'said' | 'last'>,
	times: Float64Array,
	made: (marks: Marks) => Answer | undefined
): PromptingJSON {
	const marks = [...said.marks].flatMap(([target, own]) =>
		[...own].map(([index, said]): SavedMarks => {
			const { revision, prompts, base, score } = said;
			const answer = prompts.length > 0 ? made(said) : undefined;
			const time = times[index]!;
			return { target, time, revision, prompts, base, mask: answer?.mask, score: answer?.score ?? score };
		})
	);
	const searches = [...said.searches].map(([index, search]) => ({ time: times[index]!, ...search }));
	return { version: 2, targets: said.targets, marks, searches, last };
}

/**
 * What was said, as it is worked with.
 * @param made is given each mask that was made of prompts
 */
export function fromSaved(
	{ targets, marks, searches }: PromptingJSON,
	times: Float64Array,
	made: (marks: Marks, answer: Answer) => void
): Said {
	let said: Said = { ...nothingSaid(), targets };
	for (const { target, time, mask, score, ...rest } of marks) {
		const own: Marks = { revision: rest.revision, prompts: rest.prompts, base: rest.base, score };
		if (mask) made(own, { mask, score });
		said = withMarks(said, target, nearest(times, time), own);
	}
	const found = searches.map(({ time, ...search }): [number, Search] => [nearest(times, time), search]);
	return { ...said, searches: new Map(found) };
}
