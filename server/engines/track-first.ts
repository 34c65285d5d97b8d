import type { Meter } from '../../models/meter.ts';
import type { JobProgress } from '../../models/progress.ts';
import { trackedBy } from '../../models/segmenters.ts';
import { ClipTracker, type Keyframes, type KnownMask } from '../../models/tracking.ts';
import type { ClipReader } from '../media/index.ts';
import type { SegmenterRun } from '../protocol/prompts.ts';
import type { UnfinishedWork } from '../store/unfinished.ts';
import type { JobSpec } from './job-spec.ts';
import { releaseEngine } from './load.ts';
import { loadSegmenter, releaseSegmenter } from './load-segmenter.ts';

export interface TrackFirstJob {
	readonly spec: JobSpec;
	readonly clip: ClipReader;
	readonly keyframes: Keyframes;
	readonly unfinished?: UnfinishedWork;
	readonly progress: JobProgress;
	/** Counts what the segmenter computes. */
	readonly meter: Meter;
	readonly signal?: AbortSignal;
}

/**
 * Gets a mask for every frame before the engine is loaded: those that are known, those that an earlier run has tracked, and the rest tracked
 * now, by a segmenter that has the memory for itself and leaves it to the engine afterwards.
 * @returns the masks, and what tracked those that were not known
 */
export async function trackFirst(job: TrackFirstJob): Promise<{ masks: Keyframes; run?: SegmenterRun }> {
	const { spec, clip, keyframes, unfinished, progress, meter, signal } = job;
	if (keyframes.size === clip.info.frames) return { masks: keyframes };
	const kept = await unfinished?.masks();
	if (kept) return { masks: inOrder([...kept.masks, ...keyframes]), run: kept.run };
	await releaseEngine();
	try {
		const { segmenter, run } = await loadSegmenter(trackedBy(spec)!, spec.segmenterSetup);
		signal?.throwIfAborted();
		const tracker = new ClipTracker(clip, keyframes, segmenter, meter, signal);
		progress.begin('track', tracker.framesUnknown);
		const masks = await tracker.trackAll((frames) => progress.done(frames));
		const tracked = new Map([...masks].filter(([index]) => !keyframes.has(index)));
		await unfinished?.keepMasks({ run, masks: tracked });
		progress.begin('load', 0);
		return { masks, run };
	} finally {
		await releaseSegmenter();
	}
}

/** The masks by their frames' numbers; of two of one frame, the last one. */
function inOrder(masks: readonly (readonly [number, KnownMask])[]): Keyframes {
	return new Map([...new Map(masks)].sort(([a], [b]) => a - b));
}
