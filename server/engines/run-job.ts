import type { Size } from '../../models/frame.ts';
import { workingSize } from '../../models/matanyone/canvas.ts';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { setFlagsFromString } from 'node:v8';
import { matteClip } from '../../models/matte-clip.ts';
import type { MatteOptions, MatterNotice } from '../../models/matter.ts';
import { Meter } from '../../models/meter.ts';
import { JobProgress } from '../../models/progress.ts';
import { engineInfo, findModel, type EngineId, type ModelId } from '../../models/registry.ts';
import { segmenterInfo, trackedBy, tracksFirst } from '../../models/segmenters.ts';
import { findKeyframes, type Keyframes } from '../../models/tracking.ts';
import { defaultVideoMaMaOptions } from '../../models/videomama/options.ts';
import { wholeView } from '../../models/videomama/view.ts';
import { openClip, type ClipReader } from '../media/index.ts';
import type { SegmenterRun } from '../protocol/prompts.ts';
import type { Notice, Progress } from '../protocol/schema.ts';
import type { JobOutcome, JobSpec } from './job-spec.ts';
import { loadEngine, type LoadedEngine } from './load.ts';
import { loadSegmenter, type LoadedSegmenter } from './load-segmenter.ts';
import { UnfinishedWork } from '../store/unfinished.ts';
import { OutputThread } from './output-thread.ts';
import { trackFirst } from './track-first.ts';

// V8 counts frames, which lie outside of its heap, against a limit that it sets by the heap's size: the heap is small, and would be
// collected, on all cores, for every single frame.
setFlagsFromString('--heap-growing-percent=200');

export interface JobHooks {
	readonly onProgress?: (progress: Progress) => void;
	readonly signal?: AbortSignal;
}

/**
 * Runs one matting job: opens the clip, gets a mask for every frame where the engine needs them, mattes, estimates the foreground's
 * colours and writes the results into the job's folder. Nothing appears there under its final name unless the whole job ends well.
 *
 * Decoding runs on other threads, a few frames ahead; colours and writing in a thread of their own, a few frames behind.
 * @throws CodedError for what the user can be told; the signal's reason when it was cancelled
 */
export async function runMatteJob(spec: JobSpec, { onProgress, signal }: JobHooks = {}): Promise<JobOutcome> {
	const start = performance.now();
	const meter = new Meter();
	const clip = await openClip(spec.clip);
	try {
		const keyframes = findKeyframes(spec.keyframes, clip, engineInfo(spec.engine).masks);
		const windowed = tracksFirst(spec.engine);
		const progress = new JobProgress(clip.info.frames, onProgress ?? (() => {}), { windowed });
		progress.begin('load', 0);
		const unfinished = spec.unfinished && (await openUnfinished(spec.unfinished, clip));
		const { masks, run: earlier }: { masks: Keyframes; run?: SegmenterRun } = windowed
			? await trackFirst({ ...{ spec, clip, keyframes, unfinished }, ...{ progress, meter, signal } })
			: { masks: keyframes };
		signal?.throwIfAborted();
		// The engine and the thread get ready at the same time; a failure of the first is told when it is needed.
		const loading = loadParts(spec);
		loading.catch(() => {});

		const { outputs: kinds, directory, name, options } = spec;
		const output = await OutputThread.open({ kinds, directory, name, source: clip });
		try {
			const { engine, tracking } = await loading;
			const { matter } = engine;
			const run = earlier ?? tracking?.run;
			await matter.prepare?.(clip.info, options, signal);
			signal?.throwIfAborted();
			const smaller: MatterNotice[] = [];
			const matted = await matteClip({
				...{ clip, keyframes: masks, engine: { matter, segmenter: tracking?.segmenter } },
				...{ options, progress, meter, signal, unfinished: matter.resumes && unfinished },
				onNotice: (notice) => smaller.push(notice),
				write: (frame, alpha) => output.write(frame, alpha)
			});
			progress.begin('finish', 0);
			const written = await output.finish();

			const notices: Notice[] = [...written.notices, ...smaller];
			if (engine.standIn) notices.push(standInNotice(engineInfo(spec.engine).model!));
			if (run?.standIn) notices.push(standInNotice(segmenterInfo(run.segmenter).model!));
			if (matted.lost > 0) notices.push({ code: 'target-lost', params: { frames: matted.lost } });
			const { width, height } = clip.info;
			return {
				results: written.results,
				notices,
				record: {
					engine: spec.engine,
					revision: engineInfo(spec.engine).revision,
					provider: engine.provider,
					...networkRecord(spec, engine, smaller.at(-1)?.params ?? clip.info),
					...(run && segmenterRecord(run)),
					frames: matted.frames,
					keptFrames: unfinished?.frames || undefined,
					width,
					height,
					engineSeconds: (meter.milliseconds + written.colourMilliseconds) / 1000,
					seconds: (performance.now() - start) / 1000
				}
			};
		} catch (error) {
			await output.abort();
			throw error;
		}
	} finally {
		await clip.close();
	}
}

function openUnfinished({ folder, key }: NonNullable<JobSpec['unfinished']>, { info }: ClipReader) {
	const { frames, width, height } = info;
	return UnfinishedWork.open(folder, { key, frames, width, height });
}

/** The engine, and what tracks the masks for one that gets a mask for every frame while it works. */
async function loadParts(spec: JobSpec): Promise<{ engine: LoadedEngine; tracking?: LoadedSegmenter }> {
	const engine = await loadEngine(spec.engine, spec.setup);
	const segmenter = tracksFirst(spec.engine) ? undefined : trackedBy(spec);
	return { engine, tracking: segmenter && (await loadSegmenter(segmenter, spec.segmenterSetup)) };
}

/** Tells that a model's weights come from a formula. */
export function standInNotice(id: ModelId): Notice {
	return { code: 'stand-in-weights', params: { engine: findModel(id)!.name } };
}

function segmenterRecord(run: SegmenterRun): Partial<JobOutcome['record']> {
	return {
		segmenter: run.segmenter,
		segmenterRevision: segmenterInfo(run.segmenter).revision,
		segmenterProvider: run.provider,
		segmenterPrecision: run.precision,
		segmenterWeights: run.weights,
		segmenterStandIn: run.standIn
	};
}

/** @param size the picture that the network worked on, before what the user set made it smaller */
function networkRecord(
	{ engine, setup, options }: JobSpec,
	{ precision, standIn }: LoadedEngine,
	size: Size
): Partial<JobOutcome['record']> {
	if (!setup) return {};
	const { width, height } = worked(engine, options, size);
	return { precision, standIn, weights: setup.weights, workWidth: width, workHeight: height };
}

function worked(engine: EngineId, { matanyone, videomama }: MatteOptions, size: Size): Size {
	if (engine === 'videomama') return wholeView(size, (videomama ?? defaultVideoMaMaOptions).maxSize).canvas;
	return workingSize(size, (matanyone ?? defaultMatAnyoneOptions).maxSize);
}
