import type { Alpha, Frame, Mask, Size } from './frame.ts';
import type { MatAnyoneOptions } from './matanyone/options.ts';
import type { VideoMaMaOptions } from './videomama/options.ts';

/** What a user can set for a matte, the same for every engine; lengths in pixels of the source. */
export interface MatteOptions {
	/**
	 * Half the width of the band along the mask's edge in which alpha is estimated, 1 to 64. The classic engine widens it up to four
	 * times where the picture fades gradually.
	 */
	readonly edgeRadius: number;
	/** Grows (positive) or shrinks (negative) the mask before matting, -32 to 32. */
	readonly grow: number;
	/** Softens the finished alpha by a blur of this radius, 0 to 32. */
	readonly feather: number;
	/** Exponent on the finished alpha, 0.2 to 5: below 1 fills thin parts, above 1 thins them. */
	readonly gamma: number;
	/** For MatAnyone; its defaults where this is left out. */
	readonly matanyone?: MatAnyoneOptions;
	/** For VideoMaMa; its defaults where this is left out. */
	readonly videomama?: VideoMaMaOptions;
}

export const defaultMatteOptions: MatteOptions = { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 };

/** One frame on its way into a matter. `mask` is given for every frame, or for keyframes only, as the matter says it needs. */
export interface MatterInput<F extends Frame = Frame> {
	readonly frame: F;
	readonly mask?: Mask;
	/** The alpha that an earlier run made of this frame, for a matter that resumes: the frame is passed on with it. */
	readonly known?: Alpha;
}

/** One frame, the very object that came in, with its alpha of the same size. */
export interface Matted<F extends Frame = Frame> {
	readonly frame: F;
	readonly alpha: Alpha;
}

/** What a matter tells the user of its work: that memory was short, and it worked at this size. */
export interface MatterNotice {
	readonly code: 'worked-smaller';
	readonly params: { readonly width: number; readonly height: number };
}

export const matterStages = ['encode', 'denoise', 'decode'] as const;

/** How far a matter is that works on windows of many frames. */
export interface MatterStep {
	/** The window that it works on, and how many there are, from 1. */
	readonly window: number;
	readonly windows: number;
	readonly stage: (typeof matterStages)[number];
	/** Of the whole clip's work, that which is done, 0 to 1. */
	readonly share: number;
}

/** Where a matter can go on after an interruption: the end of a whole window. */
export interface MatterCheckpoint {
	/** How many frames, from the clip's first on, have their final alpha by then: those are given as `known`. */
	readonly frames: number;
	/** What it needs besides, such as the alphas that the next window will change: only the matter itself reads it. */
	readonly state: Uint8Array;
}

export interface MatterHooks {
	readonly signal?: AbortSignal;
	readonly onNotice?: (notice: MatterNotice) => void;
	/** How many frames there will be, so that a matter can plan its windows; whoever mattes a clip tells it. */
	readonly frames?: number;
	readonly onStep?: (step: MatterStep) => void;
	/** Called by a matter that resumes, at the end of each window but the last; it goes on when the checkpoint is kept. */
	readonly onCheckpoint?: (checkpoint: MatterCheckpoint) => Promise<void>;
	/** Where an earlier run over the same frames, with the same options, was interrupted; all of the clip's frames are given again. */
	readonly from?: MatterCheckpoint;
}

/** Makes fine alphas from frames and coarse masks. */
export interface Matter {
	readonly id: string;
	/** Whether a mask is needed for keyframes only (the first frame at least) or for every frame. */
	readonly masks: 'keyframes' | 'every-frame';
	/** The most frames that are held before the first alpha comes out, at least 1. */
	readonly window: number;
	/** Whether it heeds `known` and `from`, and gives the same alphas then as in a run without interruption. */
	readonly resumes?: true;
	/** The largest frame that it takes, in pixels. */
	readonly maxPixels: number;
	/**
	 * Loads what a run over frames of a size needs, so that its first frame does not wait for it. A lack of memory is left to the run.
	 * @throws CodedError when weights are damaged; the signal's reason when it was aborted
	 */
	prepare?(size: Size, options: MatteOptions, signal?: AbortSignal): Promise<void>;
	/**
	 * Mattes frames in order and yields each with its alpha, in the same order, none left out.
	 * @throws CodedError `mask-empty` when the first mask is empty, `mask-size`
	 */
	matte<F extends Frame>(
		frames: AsyncIterable<MatterInput<F>>,
		options: MatteOptions,
		hooks?: MatterHooks
	): AsyncIterable<Matted<F>>;
	/** Gives back what it holds; it is free when this resolves. */
	dispose(): Promise<void> | void;
}
