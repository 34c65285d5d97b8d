import type { Clip, TimedFrame } from './clip.ts';
import { modelError } from './errors.ts';
import type { Alpha } from './frame.ts';
import { KeyframeMatting } from './keyframe-matting.ts';
import type { Matted, Matter, MatteOptions, MatterHooks } from './matter.ts';
import type { Meter } from './meter.ts';
import type { JobProgress } from './progress.ts';
import type { Segmenter } from './segmenter.ts';
import { ClipTracker, type Keyframes } from './tracking.ts';

/** An engine with what it needs beside it. */
export interface Engine {
	readonly matter: Matter;
	/** Tracks the masks; there where the matter needs one for every frame. */
	readonly segmenter?: Segmenter;
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
	readonly onNotice?: MatterHooks['onNotice'];
}

/**
 * Mattes a whole clip: gets a mask for every frame where the engine needs them, then an alpha for every frame. Frames flow through one
 * chain, each held only while it is needed: decode, track, matte, write.
 * @returns how many frames there were, and in how many of them nothing of the target is left
 * @throws CodedError `clip-damaged` when a frame is missing, `mask-empty`, `mask-full`, `mask-size`; the signal's reason when it was
 * cancelled
 */
export async function matteClip<F extends TimedFrame>(
	job: MatteClipOptions<F>
): Promise<{ frames: number; lost: number }> {
	const { engine, write, progress, signal } = job;
	const byKeyframes = engine.matter.masks === 'keyframes';
	const { matted, done } = await (byKeyframes ? matteFromKeyframes(job) : trackAndMatte(job));
	let frames = 0;
	let lost = 0;
	for await (const { frame, alpha } of matted) {
		signal?.throwIfAborted();
		if (frame.index !== frames) throw modelError('clip-damaged', { frame: frames });
		await write(frame, alpha);
		if (isEmpty(alpha)) lost++;
		progress.done(Math.max(++frames, done));
	}
	return { frames, lost };
}

/** Matted frames as they are asked for, and how many of them are done in the stage that has begun. */
interface Matting<F extends TimedFrame> {
	readonly matted: AsyncIterable<Matted<F>>;
	readonly done: number;
}

async function trackAndMatte<F extends TimedFrame>(job: MatteClipOptions<F>): Promise<Matting<F>> {
	const { clip, keyframes, engine, options, progress, meter, signal, onNotice } = job;
	const tracker = new ClipTracker(clip, keyframes, engine.segmenter!, meter, signal);
	progress.begin('track', tracker.framesBefore);
	const before = await tracker.trackBackward((frames) => progress.done(frames));
	progress.begin('matte', clip.info.frames);
	const inputs = meter.source(tracker.inputs(before));
	return { matted: meter.output(engine.matter.matte(inputs, options, { signal, onNotice })), done: 0 };
}

async function matteFromKeyframes<F extends TimedFrame>(job: MatteClipOptions<F>): Promise<Matting<F>> {
	const { clip, keyframes, engine, options, progress, meter, signal, onNotice } = job;
	const { matter } = engine;
	const hooks = { signal, onNotice };
	const matting = new KeyframeMatting({ clip, keyframes, matter, options, meter, hooks });
	progress.begin('matte', clip.info.frames);
	const before = await matting.matteBackward((frames) => progress.done(frames));
	return { matted: matting.matted(before), done: before.length };
}

function isEmpty({ data }: Alpha): boolean {
	for (let i = 0; i < data.length; i++) if (data[i]! > 0) return false;
	return true;
}
