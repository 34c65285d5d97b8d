import { checkConcept, checkPrompts } from '../../models/check-prompts.ts';
import { maskArea, requireFit, type RunLengthMask } from '../../models/mask.ts';
import { isEmptyOnItsWay, type TravellingMask } from '../../models/packed-mask.ts';
import { engineInfo } from '../../models/registry.ts';
import type { Concept, Prompt } from '../../models/segmenter.ts';
import { segmenterInfo, trackedBy, type SegmenterId } from '../../models/segmenters.ts';
import { appError } from '../protocol/errors.ts';
import type { Clip, JobRequest, Tracking } from '../protocol/schema.ts';

type Making = Pick<JobRequest, 'engine' | 'segmenter' | 'keyframes'>;

/**
 * Checks that masks fit the clip, and that the segmenter has something to do where one is chosen.
 * @throws CodedError `mask-size`, `mask-empty`, `keyframe-missing`, `request-invalid`
 */
export function checkMatting(request: Making, clip: Clip): void {
	const { engine, segmenter, keyframes } = request;
	if (segmenter !== undefined && trackedBy(request) === undefined) {
		throw appError('request-invalid', { problem: `segmenter: ${engine} needs no masks between keyframes` });
	}
	for (const { time, mask } of keyframes) {
		// Masks are decoded by the process that uses them: this one answers everybody.
		requireFit(mask, clip, clip.pixelAspect);
		checkTime(time, clip);
	}
	const empty = keyframes.filter(({ mask }) => isEmpty(mask)).length;
	const isWanted = engineInfo(engine).masks === 'every-frame' ? empty < keyframes.length : empty === 0;
	if (!isWanted) throw appError('mask-empty');
}

/** @throws CodedError `request-invalid` */
function isEmpty(mask: TravellingMask): boolean {
	try {
		return isEmptyOnItsWay(mask);
	} catch (cause) {
		throw appError('request-invalid', { problem: 'a mask is not packed as one of its size' }, { cause });
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
	const { refines } = segmenterInfo(segmenter);
	for (const { keyframes } of targets) {
		const first = Math.min(...keyframes.map(({ time }) => time));
		for (const { time, prompts, mask } of keyframes) {
			checkTime(time, clip);
			const corrects = refines && time > first && prompts.length > 0;
			if (mask && prompts.length === 0) checkMask(mask, clip);
			else checkAnswerable({ prompts, mask, corrects }, segmenter, clip);
		}
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
	asked: {
		readonly prompts?: readonly Prompt[];
		readonly mask?: RunLengthMask;
		/** Whether prompts correct what tracking finds, so that none of them has to say where the target is. */
		readonly corrects?: boolean;
		readonly concept?: Concept;
	},
	segmenter: SegmenterId,
	clip: Clip
): void {
	const { concept, prompts = [], mask, corrects = false } = asked;
	const info = segmenterInfo(segmenter);
	const refuse = (kind: string) => appError('prompt-unknown', { kind, segmenter });
	if (concept) {
		checkConcept(concept, clip);
		if (!info.concepts) throw refuse(concept.words === undefined ? 'example' : 'words');
		return;
	}
	if (mask) checkMask(mask, clip);
	if (mask && !info.refines) throw refuse('mask');
	checkPrompts(prompts, clip, corrects || mask !== undefined);
	const unknown = prompts.find(({ kind }) => !info.prompts.includes(kind));
	if (unknown) throw refuse(unknown.kind);
}

function checkMask(mask: RunLengthMask, clip: Clip): void {
	requireFit(mask, clip, clip.pixelAspect);
	if (maskArea(mask) === 0) throw appError('mask-empty');
}

/** @throws CodedError `keyframe-missing` behind the clip's end */
export function checkTime(time: number, clip: Clip): void {
	if (time > clip.duration) throw appError('keyframe-missing');
}
