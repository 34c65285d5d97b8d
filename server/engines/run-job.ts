import type { Alpha } from '../../models/frame.ts';
import { engines } from '../../models/registry.ts';
import { openClip, type ClipReader } from '../media/index.ts';
import { appError } from '../protocol/errors.ts';
import type { Notice, Progress } from '../protocol/schema.ts';
import { JobProgress } from './eta.ts';
import type { JobOutcome, JobSpec } from './job-spec.ts';
import { loadEngine, type LoadedEngine } from './load.ts';
import { ClipTracker, findKeyframes, keyframeInputs, type Input } from './masks.ts';
import { Meter } from './meter.ts';
import { OutputThread } from './output-thread.ts';

export interface JobHooks {
	readonly onProgress?: (progress: Progress) => void;
	readonly signal?: AbortSignal;
}

/**
 * Runs one matting job: opens the clip, gets a mask for every frame where the engine needs them, mattes, estimates the foreground's
 * colours and writes the results into the job's folder. Nothing appears there under its final name unless the whole job ends well.
 *
 * Frames flow through one chain, each held only while it is needed: decode, track, matte, colours, write. Decoding runs on
 * other threads, a few frames ahead; colours and writing in a thread of their own, a few frames behind.
 * @throws CodedError for what the user can be told; the signal's reason when it was cancelled
 */
export async function runMatteJob(spec: JobSpec, { onProgress, signal }: JobHooks = {}): Promise<JobOutcome> {
	const start = performance.now();
	const meter = new Meter();
	const clip = await openClip(spec.clip);
	try {
		const keyframes = findKeyframes(spec.keyframes, clip);
		const progress = new JobProgress(clip.info.frames, onProgress ?? (() => {}));
		progress.begin('load', 0);
		const engine = await loadEngine(spec.engine);

		let inputs: AsyncIterable<Input> = keyframeInputs(clip, keyframes, signal);
		if (engine.matter.masks === 'every-frame') {
			const tracker = new ClipTracker(clip, keyframes, engine.segmenter, meter, signal);
			progress.begin('track', tracker.framesBefore);
			inputs = tracker.inputs(await tracker.trackBackward((frames) => progress.done(frames)));
		}

		progress.begin('matte', clip.info.frames);
		const { frames, lost, written } = await matte(spec, clip, engine, inputs, meter, progress, signal);
		const { width, height } = clip.info;
		const { revision } = engines.find(({ id }) => id === spec.engine)!;
		return {
			results: written.results,
			notices: lost > 0 ? [...written.notices, targetLost(lost)] : written.notices,
			record: {
				engine: spec.engine,
				revision,
				provider: engine.provider,
				frames,
				width,
				height,
				engineSeconds: (meter.milliseconds + written.colourMilliseconds) / 1000,
				seconds: (performance.now() - start) / 1000
			}
		};
	} finally {
		await clip.close();
	}
}

/** Mattes the frames and writes them; counts the frames, and those in which nothing of the target is left. */
async function matte(
	spec: JobSpec,
	clip: ClipReader,
	{ matter }: LoadedEngine,
	inputs: AsyncIterable<Input>,
	meter: Meter,
	progress: JobProgress,
	signal: AbortSignal | undefined
) {
	const { outputs: kinds, directory, name } = spec;
	const output = await OutputThread.open({ kinds, directory, name, source: clip });
	let frames = 0;
	let lost = 0;
	try {
		const matted = matter.matte(meter.source(inputs), spec.options, signal);
		for await (const { frame, alpha } of meter.output(matted)) {
			signal?.throwIfAborted();
			if (frame.index !== frames) throw appError('clip-damaged', { frame: frames });
			await output.write(frame, alpha);
			if (isEmpty(alpha)) lost++;
			progress.done(++frames);
		}
		progress.begin('finish', 0);
	} catch (error) {
		await output.abort();
		throw error;
	}
	return { frames, lost, written: await output.finish() };
}

function isEmpty({ data }: Alpha): boolean {
	for (let i = 0; i < data.length; i++) if (data[i]! > 0) return false;
	return true;
}

function targetLost(frames: number): Notice {
	return { code: 'target-lost', params: { frames } };
}
