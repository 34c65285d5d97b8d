import type { RunLengthMask } from '$models/mask.ts';
import type { Concept, Prompt } from '$models/segmenter.ts';
import type { Asker, PromptedFrame } from '$workers/segment/client.ts';
import type { DetectAnswer, SegmentAnswer } from '$workers/segment/types.ts';

export type { Asker };

/** Who answers prompts, as prompting needs it. */
export interface Segments {
	/** Whether answers come fast enough for a preview on hover. */
	readonly hovers: boolean;
	/** Whether prompts can correct a mask that is given with them. */
	readonly refines: boolean;
	/** Whether it finds things by words and examples. */
	readonly concepts: boolean;
	/**
	 * The best mask for all prompts of one target on a frame; undefined when a newer question of the same asker took this one's place.
	 * @param mask what is known of the target already, for the prompts to correct; only where it `refines`
	 * @throws CodedError `prompt-…`, `box-empty`, `mask-…`, `engine-died`; an AbortError after `close`
	 */
	segment(
		frame: PromptedFrame,
		prompts: readonly Prompt[],
		mask?: RunLengthMask,
		asker?: Asker
	): Promise<SegmentAnswer | undefined>;
	/**
	 * Finds what words or examples describe on a frame; undefined when a newer question took this one's place.
	 * @throws CodedError `prompt-unknown` where nothing here `concepts`, `words-…`, `box-empty`
	 */
	detect(frame: PromptedFrame, concept: Concept): Promise<DetectAnswer | undefined>;
	/** Makes a frame ready ahead of its first prompt, then the one that probably comes after it. Only what was named last is made ready. */
	prepare(frame: PromptedFrame, next?: PromptedFrame): Promise<void>;
}
