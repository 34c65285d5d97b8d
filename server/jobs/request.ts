import { checkConcept, checkPrompts } from '../../models/check-prompts.ts';
import { fitMask, maskArea, type RunLengthMask } from '../../models/mask.ts';
import type { Concept, Prompt } from '../../models/segmenter.ts';
import { segmenterInfo, type SegmenterId } from '../../models/segmenters.ts';
import { appError } from '../protocol/errors.ts';
import type { Clip, JobRequest, Tracking } from '../protocol/schema.ts';

/**
 * Checks that masks fit the clip.
 * @throws CodedError `mask-size`, `mask-empty`, `keyframe-missing`
 */
export function checkKeyframes({ keyframes }: Pick<JobRequest, 'keyframes'>, clip: Clip): void {
	for (const { time, mask } of keyframes) {
		checkMask(mask, clip);
		checkTime(time, clip);
	}
}

/**
 * Checks that there is something to follow that the segmenter understands, and that all of it lies in the clip.
 * @throws CodedError `keyframe-missing`, `mask-size`, `mask-empty`, `prompt-…`, `box-empty`, `words-empty`
 */
export function checkTracking(
	{ targets, concept, from = 0 }: Tracking,
	segmenter: SegmenterId,
	clip: Clip
): void {
	if (targets.length === 0 && !concept) throw appError('keyframe-missing');
	for (const { time, prompts, mask } of targets.flatMap(({ keyframes }) => keyframes)) {
		checkTime(time, clip);
		if (mask) checkMask(mask, clip);
		if (!mask || prompts.length > 0) checkAnswerable({ prompts, mask }, segmenter, clip);
	}
	if (concept) {
		checkTime(concept.time ?? 0, clip);
		checkAnswerable({ concept: concept.what }, segmenter, clip);
	}
	checkTime(from, clip);
}

/**
 * Checks that a segmenter understands what it is asked on a frame of a clip: prompts, or a concept.
 * @throws CodedError `prompt-…`, `box-empty`, `words-empty`, `mask-size`, `mask-empty`
 */
export function checkAnswerable(
	asked: { readonly prompts?: readonly Prompt[]; readonly mask?: RunLengthMask; readonly concept?: Concept },
	segmenter: SegmenterId,
	clip: Clip
): void {
	const { concept, prompts = [], mask } = asked;
	const info = segmenterInfo(segmenter);
	const refuse = (kind: string) => appError('prompt-unknown', { kind, segmenter });
	if (concept) {
		checkConcept(concept, clip);
		if (!info.concepts) throw refuse(concept.words === undefined ? 'example' : 'words');
		return;
	}
	if (mask) checkMask(mask, clip);
	if (mask && !info.refines) throw refuse('mask');
	checkPrompts(prompts, clip, mask !== undefined);
	const unknown = prompts.find(({ kind }) => !info.prompts.includes(kind));
	if (unknown) throw refuse(unknown.kind);
}

function checkMask(mask: RunLengthMask, clip: Clip): void {
	if (maskArea(fitMask(mask, clip, clip.pixelAspect)) === 0) throw appError('mask-empty');
}

/** @throws CodedError `keyframe-missing` behind the clip's end */
export function checkTime(time: number, clip: Clip): void {
	if (time > clip.duration) throw appError('keyframe-missing');
}
