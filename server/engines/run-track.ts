import { decodeMask, fitMask } from '../../models/mask.ts';
import { JobProgress } from '../../models/progress.ts';
import type { TrackRequest } from '../../models/segmenter.ts';
import { segmenterInfo } from '../../models/segmenters.ts';
import { trackClip } from '../../models/track-clip.ts';
import { openClip, type ClipReader } from '../media/index.ts';
import { appError } from '../protocol/errors.ts';
import type { Notice } from '../protocol/schema.ts';
import { loadSegmenter } from './load-segmenter.ts';
import { MasksFile } from './masks-file.ts';
import { standInNotice, type JobHooks } from './run-job.ts';
import type { TrackOutcome, TrackSpec } from './track-spec.ts';

/**
 * Runs one tracking job: follows the targets, and everything that words or examples describe, through the clip, and writes the masks of
 * every frame as they are made. Nothing appears under its final name unless the whole job ends well.
 * @throws CodedError for what the user can be told; the signal's reason when it was cancelled
 */
export async function runTrackJob(
	spec: TrackSpec,
	{ onProgress, signal }: JobHooks = {}
): Promise<TrackOutcome> {
	const start = performance.now();
	const clip = await openClip(spec.clip);
	try {
		const request = findFrames(spec, clip);
		// Nothing follows the tracking that its time would have to be guessed for.
		const progress = new JobProgress(0, onProgress ?? (() => {}));
		progress.begin('load', 0);
		const { segmenter, run } = await loadSegmenter(spec.segmenter, spec.setup);
		signal?.throwIfAborted();
		const masks = await MasksFile.open(spec.directory, spec.name);
		try {
			const begin = (done: number, total: number) =>
				done === 0 ? progress.begin('track', total) : progress.done(done);
			const tracked = trackClip({ clip, segmenter, request, signal, onProgress: begin });
			for await (const frame of tracked) await masks.write(frame, clip.timeAt(frame.index));
			progress.begin('finish', 0);
			const { width, height, frames: clipFrames } = clip.info;
			const { revision } = segmenterInfo(run.segmenter);
			const result = await masks.finish({ width, height, clipFrames, ...run, revision });
			return {
				results: [result],
				notices: noticesOf(spec, run.standIn, masks),
				record: {
					...run,
					revision,
					...{ frames: masks.frames, targets: masks.seen.size, width, height },
					seconds: (performance.now() - start) / 1000
				}
			};
		} catch (error) {
			await masks.abort();
			throw error;
		}
	} finally {
		clip.close();
	}
}

/** The request with frames by their numbers, and masks at the frames' size. A mask is decoded when it is looked at. */
function findFrames({ targets, concept, from, to }: TrackSpec, clip: ClipReader): TrackRequest {
	const { num, den } = clip.info.pixelAspect;
	const indexAt = (time: number) => {
		const index = clip.indexAt(time);
		if (index === undefined) throw appError('keyframe-missing');
		return index;
	};
	return {
		targets: targets.map(({ id, keyframes }) => ({
			id,
			keyframes: keyframes.map(({ time, prompts, mask }) => {
				const fitted = mask && fitMask(mask, clip.info, num / den);
				return {
					...{ frame: indexAt(time), prompts },
					get mask() {
						return fitted && decodeMask(fitted);
					}
				};
			})
		})),
		concept: concept && {
			...concept.what,
			frame: concept.time === undefined ? undefined : indexAt(concept.time)
		},
		from: from === undefined ? undefined : indexAt(from),
		to: to === undefined ? undefined : Math.min(clip.indexAt(to) ?? Infinity, clip.info.frames - 1)
	};
}

function noticesOf({ segmenter, targets, concept }: TrackSpec, standIn: boolean, masks: MasksFile): Notice[] {
	const notices: Notice[] = [];
	if (standIn) notices.push(standInNotice(segmenterInfo(segmenter).model!));
	const isTarget = (found: number) => targets.some(({ id }) => id === found);
	if (concept && ![...masks.seen].some(([id, frames]) => frames > 0 && !isTarget(id))) {
		notices.push({ code: 'nothing-found', params: {} });
	}
	return notices;
}
