import type { Clip, TimedFrame } from './clip.ts';
import { modelError } from './errors.ts';
import type { Alpha } from './frame.ts';
import type { Matter, MatteOptions, MatterInput } from './matter.ts';
import type { Meter } from './meter.ts';
import type { JobProgress } from './progress.ts';
import type { Segmenter } from './segmenter.ts';
import { ClipTracker, keyframeInputs, type Keyframes } from './tracking.ts';

/** An engine with what it needs beside it. */
export interface Engine {
	readonly matter: Matter;
	/** Tracks the masks where the matter needs one for every frame. */
	readonly segmenter: Segmenter;
}

export interface MatteClipOptions<F extends TimedFrame> {
	readonly clip: Clip<F>;
	/** See `findKeyframes`. */
	readonly keyframes: Keyframes;
	readonly engine: Engine;
	readonly options: MatteOptions;
	/** Takes each frame with its alpha, in order; resolves when there is room for the next one. */
	readonly write: (frame: F, alpha: Alpha) => Promise<void>;
	readonly progress: JobProgress;
	/** Counts what the engine computes. */
	readonly meter: Meter;
	readonly signal?: AbortSignal;
}

/**
 * Mattes a whole clip: gets a mask for every frame where the engine needs them, then an alpha for every frame. Frames flow through one
 * chain, each held only while it is needed: decode, track, matte, write.
 * @returns how many frames there were, and in how many of them nothing of the target is left
 * @throws CodedError `clip-damaged` when a frame is missing, `mask-empty`, `mask-size`; the signal's reason when it was cancelled
 */
export async function matteClip<F extends TimedFrame>({
	clip,
	keyframes,
	engine: { matter, segmenter },
	options,
	write,
	progress,
	meter,
	signal
}: MatteClipOptions<F>): Promise<{ frames: number; lost: number }> {
	let inputs: AsyncIterable<MatterInput<F>> = keyframeInputs(clip, keyframes, signal);
	if (matter.masks === 'every-frame') {
		const tracker = new ClipTracker(clip, keyframes, segmenter, meter, signal);
		progress.begin('track', tracker.framesBefore);
		inputs = tracker.inputs(await tracker.trackBackward((frames) => progress.done(frames)));
	}

	progress.begin('matte', clip.info.frames);
	let frames = 0;
	let lost = 0;
	for await (const { frame, alpha } of meter.output(matter.matte(meter.source(inputs), options, signal))) {
		signal?.throwIfAborted();
		if (frame.index !== frames) throw modelError('clip-damaged', { frame: frames });
		await write(frame, alpha);
		if (isEmpty(alpha)) lost++;
		progress.done(++frames);
	}
	return { frames, lost };
}

function isEmpty({ data }: Alpha): boolean {
	for (let i = 0; i < data.length; i++) if (data[i]! > 0) return false;
	return true;
}
