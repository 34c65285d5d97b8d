import type { RunLengthMask } from '$models/mask.ts';
import type { Example, Prompt } from '$models/segmenter.ts';
import type { Target } from './targets.ts';

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
	targets: [{ id: 1, colour: 1, on: true }],
	marks: [],
	searches: [],
	last: { target: 1, revision: 0 }
};
