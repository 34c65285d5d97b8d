import type { ErrorParams } from '../../models/errors.ts';
import type { Size } from '../../models/frame.ts';
import type { RunLengthMask } from '../../models/mask.ts';
import type { FloatType } from '../../models/onnx/types.ts';
import type { WebProvider } from '../../models/runtime.web.ts';
import type { InputReason } from '../../models/sam3/input-sizes.ts';
import type {
	Box,
	Concept,
	Prompt,
	PromptKind,
	TargetKeyframe,
	TrackRequest
} from '../../models/segmenter.ts';
import type { SegmenterId } from '../../models/segmenters.ts';

/** How SAM 3 is to run; what is left out is chosen by what the machine can do. */
export interface Sam3Wish {
	readonly provider?: WebProvider;
	/** The side of the networks' input, in pixels; one of `SegmenterInfo.sizes`, else, or where this machine cannot do it, another one is used. */
	readonly size?: number;
	/** Half precision only where it is computed in. */
	readonly precision?: FloatType;
	/** Whether it is used however slow it is: WebGPU that is a program only, frames that take a minute. */
	readonly anySpeed?: boolean;
}

/** How SAM 3 runs. */
export type Sam3Setup = Required<Omit<Sam3Wish, 'anySpeed'>>;

/** The segmenter that answers. */
export interface SegmenterInfo {
	readonly engine: SegmenterId;
	readonly prompts: readonly PromptKind[];
	/** Whether prompts can correct a mask that is given with them. */
	readonly refines: boolean;
	/** Whether it finds things by words and examples. */
	readonly concepts: boolean;
	/** Whether its weights come from a formula, so that its masks mean nothing. */
	readonly standIn: boolean;
	/** SHA-256 of the weights that it was made from; absent for one without weights. */
	readonly weights?: string;
	/** Absent for a segmenter without a network. */
	readonly setup?: Sam3Setup;
	/** The input sizes that can be chosen, largest first. */
	readonly sizes?: readonly number[];
	/** Whether it can be computed in half precision; absent where `setup` is. */
	readonly half?: boolean;
	/** Milliseconds that making a frame ready takes here: measured with the last one, estimated before there was one. */
	readonly encodeMilliseconds?: number;
	/** For each better provider, why it is not used. */
	readonly reasons: readonly ProviderReason[];
	/** For each larger input size, and for one that was wished for and is not used, why not. */
	readonly larger?: readonly InputReason[];
}

/** Why a provider is not used: codes of `provider_…` messages, or of errors. */
export interface ProviderReason {
	readonly provider: WebProvider;
	readonly code: string;
	readonly params: ErrorParams;
}

/** What `openSam3` is at. */
export type OpenStage = 'runtime' | 'networks';

/** The best mask for a set of prompts. */
export interface SegmentAnswer {
	readonly mask: RunLengthMask;
	/** The segmenter's own confidence, 0 to 1. */
	readonly score: number;
	/** What made it. */
	readonly engine: SegmenterId;
	/** Time in the worker or on the server, in milliseconds. */
	readonly milliseconds: number;
}

/** One thing that words or examples describe. */
export interface FoundThing {
	readonly mask: RunLengthMask;
	readonly score: number;
	readonly box: Box;
}

export interface DetectAnswer {
	/** Surest first; none where nothing is like it. */
	readonly found: readonly FoundThing[];
	readonly engine: SegmenterId;
	readonly milliseconds: number;
}

/** `TrackRequest` on its way to a worker. */
export type WorkerTrackRequest = Omit<TrackRequest, 'targets'> & {
	readonly targets: readonly {
		readonly id: number;
		readonly keyframes: readonly (Omit<TargetKeyframe, 'mask'> & { readonly mask?: RunLengthMask })[];
	}[];
};

/** The targets' masks on one frame, by the targets' ids. */
export type TrackedMasks = readonly (readonly [id: number, mask: RunLengthMask])[];

/** What the segment worker does. Frames are named by keys that the caller chooses. It is the classic segmenter until SAM 3 is opened. */
export interface SegmentApi {
	/**
	 * Opens SAM 3 over the weights that this browser keeps; from then on it answers. Once in a worker.
	 * @throws CodedError `weights-absent` when they are not kept, `webgpu-no-adapter`, `webgpu-software`, `webgpu-too-small`, `sam3-slow`,
	 * `provider-failed`, `gpu-lost`, `out-of-memory` (smaller: the next smaller input size, where there is one)
	 */
	openSam3(wish: Sam3Wish, onStage: (stage: OpenStage) => void): Promise<SegmenterInfo>;
	info(): Promise<SegmenterInfo>;
	/** Whether a frame is ready; it then counts as just used. */
	has(key: string): Promise<boolean>;
	/**
	 * Makes a frame ready for prompts, as the newest of the few that are kept.
	 * @param picture is closed
	 * @param size of the masks that are wanted; the picture is scaled to it
	 * @returns milliseconds that it took
	 */
	setFrame(key: string, picture: ImageBitmap, size: Size): Promise<number>;
	/**
	 * Answers all prompts of a frame; undefined where that frame is not kept (any more).
	 * @param mask what is known of the target already, for the prompts to correct
	 * @throws CodedError `prompt-…`, `box-empty`, `mask-…`, `gpu-lost`, `out-of-memory`
	 */
	segment(key: string, prompts: readonly Prompt[], mask?: RunLengthMask): Promise<SegmentAnswer | undefined>;
	/**
	 * Finds what words or examples describe on a frame; undefined where that frame is not kept (any more).
	 * @throws CodedError `prompt-unknown` where the segmenter does not, `words-…`, `box-empty`
	 */
	detect(key: string, concept: Concept): Promise<DetectAnswer | undefined>;
	/**
	 * Follows targets through a clip; gives way to questions between frames. One at a time.
	 * @param name of the clip, for messages
	 * @param onFrame called for each frame, in the order of `trackClip`; the next one waits until it has resolved
	 * @throws CodedError as `trackClip` and `BrowserClip.open`; an AbortError after `stopTracking`
	 */
	track(
		file: Blob,
		name: string,
		request: WorkerTrackRequest,
		onFrame: (index: number, masks: TrackedMasks) => void
	): Promise<void>;
	stopTracking(): Promise<void>;
}
