import type { RunLengthMask } from '../../models/mask.ts';
import type { Prompt, PromptKind } from '../../models/segmenter.ts';
import type { Size } from '../../models/frame.ts';

/** The segmenter that answers, by its own name. */
export interface SegmenterInfo {
	readonly engine: string;
	readonly prompts: readonly PromptKind[];
}

/** The best mask for a set of prompts. */
export interface SegmentAnswer {
	readonly mask: RunLengthMask;
	/** The segmenter's own confidence, 0 to 1. */
	readonly score: number;
	/** What made it. */
	readonly engine: string;
	/** Time in the worker, in milliseconds. */
	readonly milliseconds: number;
}

/** What the segment worker does. Frames are named by keys that the caller chooses. */
export interface SegmentApi {
	info(): Promise<SegmenterInfo>;
	/**
	 * Makes a frame ready for prompts, as the newest of the few that are kept.
	 * @param size of the masks that are wanted; the picture is scaled to it
	 */
	setFrame(key: string, picture: ImageBitmap, size: Size): Promise<void>;
	/**
	 * Answers all prompts of a frame; undefined where that frame is not kept (any more).
	 * @throws CodedError `prompt-empty`
	 */
	segment(key: string, prompts: readonly Prompt[]): Promise<SegmentAnswer | undefined>;
}
