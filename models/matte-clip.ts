import type { Clip, TimedFrame } from './clip.ts';
import { modelError } from './errors.ts';
import type { Alpha } from './frame.ts';
import { KeyframeMatting } from './keyframe-matting.ts';
import type { Matted, Matter, MatteOptions, MatterCheckpoint, MatterHooks, MatterInput } from './matter.ts';
import type { Meter } from './meter.ts';
import type { JobProgress } from './progress.ts';
import type { Segmenter } from './segmenter.ts';
import { ClipTracker, type Keyframes } from './tracking.ts';

/** An engine with what it needs beside it. */
export interface Engine {
	readonly matter: Matter;
	/** Tracks the masks; there where the matter needs one for every frame, and not all are known. */
	readonly segmenter?: Segmenter;
}

/** What was made of a clip so far, kept so that a matter that resumes can go on after an interruption. */
export interface UnfinishedMatte {
	/** How many frames, from the first on, have their final alpha. */
	readonly frames: number;
	/** Where the matter was by then; absent where it begins. */
	readonly from?: MatterCheckpoint;
	/** The alpha of one of these frames. */
	read(index: number): Promise<Alpha>;
	/** Keeps the alpha of a further frame. */
	write(index: number, alpha: Alpha): Promise<void>;
	keep(checkpoint: MatterCheckpoint): Promise<void>;
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
	/** For a matter that resumes. */
	readonly unfinished?: UnfinishedMatte;
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
	const { engine, write, progress, signal, unfinished } = job;
	const byKeyframes = engine.matter.masks === 'keyframes';
	const { matted, done } = await (byKeyframes ? matteFromKeyframes(job) : trackAndMatte(job));
	let frames = 0;
	let lost = 0;
	for await (const { frame, alpha } of matted) {
		signal?.throwIfAborted();
		if (frame.index !== frames) throw modelError('clip-damaged', { frame: frames });
		const isNew = unfinished && frame.index >= unfinished.frames;
		await Promise.all([write(frame, alpha), isNew && unfinished.write(frame.index, alpha)]);
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
	const { clip, keyframes, engine, options, progress, meter, signal, onNotice, unfinished } = job;
	const tracker = new ClipTracker(clip, keyframes, engine.segmenter, meter, signal);
	if (tracker.framesBefore > 0) progress.begin('track', tracker.framesBefore);
	const before = await tracker.trackBackward((frames) => progress.done(frames));
	progress.begin('matte', clip.info.frames);
	const tracked = tracker.inputs(before);
	const inputs = meter.source(unfinished ? withKnown(tracked, unfinished) : tracked);
	const hooks: MatterHooks = {
		...{ signal, onNotice, frames: clip.info.frames, from: unfinished?.from },
		onStep: (step) => progress.step(step),
		onCheckpoint: unfinished && ((checkpoint) => unfinished.keep(checkpoint))
	};
	return { matted: meter.output(engine.matter.matte(inputs, options, hooks)), done: 0 };
}

/** Adds the alphas that are there already. */
async function* withKnown<F extends TimedFrame>(
	inputs: AsyncIterable<MatterInput<F>>,
	unfinished: UnfinishedMatte
): AsyncGenerator<MatterInput<F>> {
	for await (const input of inputs) {
		const { index } = input.frame;
		yield index < unfinished.frames ? { ...input, known: await unfinished.read(index) } : input;
	}
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
