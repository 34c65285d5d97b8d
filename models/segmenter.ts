import type { Frame, Mask } from './frame.ts';

/** What a user says about the target on one frame; coordinates and lengths in pixels of the source, from the top left. */
export type Prompt =
	| { readonly kind: 'point'; readonly x: number; readonly y: number; readonly positive: boolean }
	| {
			readonly kind: 'box';
			readonly x: number;
			readonly y: number;
			readonly width: number;
			readonly height: number;
	  }
	| {
			readonly kind: 'stroke';
			/** The brush's path. */
			readonly points: readonly (readonly [x: number, y: number])[];
			readonly radius: number;
			readonly positive: boolean;
	  };

export type PromptKind = Prompt['kind'];

/** One answer to a set of prompts. */
export interface Candidate {
	readonly mask: Mask;
	/** The segmenter's own confidence, 0 to 1. */
	readonly score: number;
}

/** A frame made ready for prompts: costly to make, cheap to ask. Release it when its frame is left. */
export interface EncodedFrame {
	/**
	 * Answers prompts, best candidate first. All prompts of the frame are given each time.
	 * @throws CodedError `prompt-empty` when no prompt says where the target is
	 */
	segment(prompts: readonly Prompt[], signal?: AbortSignal): Promise<Candidate[]>;
	dispose(): void;
}

/** A frame whose mask is known, from which tracking starts. */
export interface TrackSeed {
	readonly frame: Frame;
	readonly mask: Mask;
}

/** Finds the target on a frame from prompts, and follows it through others. */
export interface Segmenter {
	readonly id: string;
	/** The prompts that it understands. */
	readonly prompts: readonly PromptKind[];
	encode(frame: Frame, signal?: AbortSignal): Promise<EncodedFrame>;
	/**
	 * Follows the target away from the seed, frame by frame: for every frame given, in the order of travel (forward or backward
	 * in time, the seed's own frame not included), one mask of the frame's size, empty where the target is not seen.
	 * @throws CodedError `mask-empty`, `mask-size`
	 */
	track(seed: TrackSeed, frames: AsyncIterable<Frame>, signal?: AbortSignal): AsyncIterable<Mask>;
	dispose(): void;
}
