import { checkConcept, checkPrompts } from './check-prompts.ts';
import { modelError } from './errors.ts';
import type { Size } from './frame.ts';
import { isEmptyMask, requireSize } from './mask.ts';
import { firstKeyframe } from './passes.ts';
import type { Segmenter, TargetKeyframe, TrackableClip, TrackedFrame, TrackRequest } from './segmenter.ts';
import { trackSeparately } from './track-separately.ts';

export interface TrackClipJob {
	readonly clip: TrackableClip;
	readonly segmenter: Segmenter;
	readonly request: TrackRequest;
	readonly signal?: AbortSignal;
	/** Called with the number of frames that have their masks, and how many there will be. */
	readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Follows targets through a clip with any segmenter: all of them together where it can do that, else each by itself. Frames come in the
 * order of `Segmenter.trackClip`.
 * @throws CodedError as `Segmenter.trackClip`, and `prompt-unknown` for a segmenter that cannot look for words or examples; the signal's
 * reason when it was aborted
 */
export async function* trackClip({
	clip,
	segmenter,
	request,
	signal,
	onProgress
}: TrackClipJob): AsyncGenerator<TrackedFrame, void, undefined> {
	checkRequest(request, clip, segmenter);
	const { from = 0, to = clip.info.frames - 1 } = request;
	const tracked =
		segmenter.trackClip?.(clip, request, signal) ?? trackSeparately({ clip, segmenter, request, signal });
	let done = 0;
	onProgress?.(done, to - from + 1);
	for await (const frame of tracked) {
		signal?.throwIfAborted();
		onProgress?.(++done, to - from + 1);
		yield frame;
	}
}

function checkRequest(
	{ targets, concept, from = 0, to }: TrackRequest,
	{ info }: TrackableClip,
	segmenter: Segmenter
): void {
	const last = info.frames - 1;
	if (!(from >= 0 && from <= (to ?? last) && (to ?? last) <= last))
		throw new RangeError(`frames ${from} to ${to} of ${info.frames}`);
	if (concept && !segmenter.trackClip) {
		const kind = concept.words === undefined ? 'example' : 'words';
		throw modelError('prompt-unknown', { kind, segmenter: segmenter.id });
	}
	if (concept) checkConcept(concept, info);
	if (concept?.words !== undefined) segmenter.checkWords?.(concept.words);
	if (!concept && targets.length === 0) throw modelError('keyframe-missing');
	const frames = targets.flatMap(({ keyframes }) => keyframes.map(({ frame }) => frame));
	if (concept?.frame !== undefined) frames.push(concept.frame);
	const isOutside = frames.some((frame) => !Number.isInteger(frame) || frame < 0 || frame > last);
	if (isOutside || targets.some(({ keyframes }) => keyframes.length === 0))
		throw modelError('keyframe-missing');
	for (const target of targets) {
		const first = firstKeyframe(target);
		for (const keyframe of target.keyframes)
			checkKeyframe(keyframe, info, segmenter.trackClip !== undefined && keyframe.frame > first);
	}
}

/** @param corrects whether prompts correct what is found there */
function checkKeyframe({ prompts, mask }: TargetKeyframe, picture: Size, corrects: boolean): void {
	if (mask) requireSize(mask, picture);
	// Without any, there is nothing to correct with.
	const refines = mask !== undefined || (corrects && prompts.length > 0);
	if (!mask || prompts.length > 0) checkPrompts(prompts, picture, refines);
	else if (isEmptyMask(mask)) throw modelError('mask-empty');
}
