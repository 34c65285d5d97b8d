import type { Clip } from './clip.ts';
import type { Frame, Mask } from './frame.ts';

/** A rectangle in pixels of the source, from the top left. */
export interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/** What a user says about the target on one frame; coordinates and lengths in pixels of the source, from the top left. */
export type Prompt =
	| { readonly kind: 'point'; readonly x: number; readonly y: number; readonly positive: boolean }
	| ({ readonly kind: 'box' } & Box)
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
	 * @param mask what is known of the target already, to be refined; of the frame's size
	 * @throws CodedError `prompt-empty` when no prompt says where the target is, `prompt-outside`, `box-empty`, `mask-size`;
	 * `prompt-unknown` when it cannot refine a mask
	 */
	segment(prompts: readonly Prompt[], signal?: AbortSignal, mask?: Mask): Promise<Candidate[]>;
	/**
	 * Finds everything on the frame that words or examples describe, surest first; nothing where nothing does.
	 * @throws CodedError `words-empty`, `words-long`, `prompt-outside`, `box-empty`
	 */
	detect?(concept: Concept, signal?: AbortSignal): Promise<Detection[]>;
	dispose(): void;
}

/** A kind of thing: words, examples on the frame, or both. */
export interface Concept {
	/** In English, a short noun phrase. */
	readonly words?: string;
	readonly examples?: readonly Example[];
}

/** A box around a thing that is meant, or (not positive) one that is not. */
export interface Example extends Box {
	readonly positive: boolean;
}

/** One thing that was found. */
export interface Detection extends Candidate {
	readonly box: Box;
}

/**
 * What is known of a target on one frame: prompts, a mask, or both (the prompts correct the mask). A target's first keyframe, and any with
 * a mask, say what it is there and count for the whole clip. Prompts alone on a later frame correct what following finds on it, so that
 * clicks on what is not the target are enough; they count from there on. A segmenter without `trackClip` answers them by themselves.
 */
export interface TargetKeyframe {
	/** The frame's number. */
	readonly frame: number;
	readonly prompts: readonly Prompt[];
	readonly mask?: Mask;
}

/** What to follow through a clip. */
export interface TrackRequest {
	readonly targets: readonly { readonly id: number; readonly keyframes: readonly TargetKeyframe[] }[];
	/** Everything of a kind is looked for on every frame, and followed; its ids follow those of the targets. */
	readonly concept?: Concept & {
		/** The number of the frame that the examples are on; `from` when left out. */
		readonly frame?: number;
	};
	/** The first and the last frame that are wanted, by number; the whole clip when left out. */
	readonly from?: number;
	readonly to?: number;
}

/** The targets on one frame. */
export interface TrackedFrame {
	readonly index: number;
	/** By the targets' ids; those that are not seen have an empty mask or none. */
	readonly masks: ReadonlyMap<number, Mask>;
}

/** What tracking needs of a clip. */
export type TrackableClip = Pick<Clip, 'info' | 'frameAt' | 'frames' | 'framesBackward'>;

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
	/**
	 * Tells whether words can be looked for, before a frame is encoded for them.
	 * @throws CodedError `words-empty`, `words-long`
	 */
	checkWords?(words: string): void;
	/**
	 * What a phrase means to its detector, for one of the same weights that runs elsewhere: a token after the other, [n, C].
	 * @throws CodedError `words-empty`, `words-long`
	 */
	readWords?(words: string): Promise<Float32Array>;
	encode(frame: Frame, signal?: AbortSignal): Promise<EncodedFrame>;
	/**
	 * Follows the target away from the seed, frame by frame: for every frame given, in the order of travel (forward or backward
	 * in time, the seed's own frame not included), one mask of the frame's size, empty where the target is not seen.
	 * @throws CodedError `mask-empty`, `mask-size`
	 */
	track(seed: TrackSeed, frames: AsyncIterable<Frame>, signal?: AbortSignal): AsyncIterable<Mask>;
	/**
	 * Follows several targets through a clip, in both directions, from all their keyframes together. Every frame that was asked for comes
	 * once, first those from the first keyframe on, in order, then those before it, newest first; with examples, their frame takes the
	 * first keyframe's place.
	 * @throws CodedError `prompt-…`, `box-empty`, `words-…`, `mask-empty`, `mask-size`, `keyframe-missing`, `clip-damaged`
	 */
	trackClip?(clip: TrackableClip, request: TrackRequest, signal?: AbortSignal): AsyncIterable<TrackedFrame>;
	/** Gives back what it holds; it is free when this resolves. Nothing is asked of it any more. */
	dispose(): Promise<void>;
}
