import type { Frame, Size } from './frame.ts';

/** A decoded frame and its place in the clip. */
export interface TimedFrame extends Frame {
	/** Number in presentation order, from 0. */
	readonly index: number;
	/** Seconds after the clip's first frame. */
	readonly time: number;
}

/** A clip whose frames can be read, whatever decodes them. Each pass stands for itself, so passes may run side by side. */
export interface Clip<F extends TimedFrame = TimedFrame> {
	/** Size of the upright picture, how many frames there are, and width over height of a pixel where it is not square. */
	readonly info: Size & {
		readonly frames: number;
		readonly pixelAspect?: { readonly num: number; readonly den: number };
	};
	/** The number of the frame whose start is nearest to a time, in seconds after the first frame; undefined behind the clip's end. */
	indexAt(seconds: number): number | undefined;
	/** One frame by its number; undefined behind the clip's end. */
	frameAt(index: number, signal?: AbortSignal): Promise<F | undefined>;
	/**
	 * Frames in presentation order.
	 * @param options.from seconds after the first frame at which to begin
	 * @throws CodedError `clip-damaged`
	 */
	frames(options?: {
		readonly from?: number;
		readonly signal?: AbortSignal;
	}): AsyncGenerator<F, void, undefined>;
	/**
	 * Frames whose time is less than `before` (seconds after the first frame), newest first.
	 * @throws CodedError `clip-damaged`
	 */
	framesBackward(options: {
		readonly before: number;
		readonly signal?: AbortSignal;
	}): AsyncGenerator<F, void, undefined>;
}
