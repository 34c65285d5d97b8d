import { resolve } from 'node:path';
import { checkConcept, checkPrompts } from '../../models/check-prompts.ts';
import { modelError } from '../../models/errors.ts';
import type { Mask } from '../../models/frame.ts';
import { decodeMask, encodeMask, fitMask, isEmptyMask } from '../../models/mask.ts';
import type { Candidate, Segmenter } from '../../models/segmenter.ts';
import { readMaskFile, type ClipReader, type TimedFrame } from '../media/index.ts';
import type { TargetArgs } from './target-args.ts';

/** What is meant, on its frame. */
export interface TargetOnFrame extends Omit<TargetArgs, 'mask' | 'frame'> {
	readonly frame: TimedFrame;
	readonly mask?: Mask;
}

/**
 * Reads the frame and the mask that are named, and checks what is said against them, before anything is loaded for it.
 * @throws CodedError `frame-missing`, `mask-unreadable`, `mask-size`, `prompt-…`, `box-empty`, `words-empty`
 */
export async function readTargetFrame(
	clip: ClipReader,
	target: TargetArgs,
	signal: AbortSignal
): Promise<TargetOnFrame> {
	const { info } = clip;
	const { frame: index, mask: file, prompts, concept } = target;
	requireFrame(clip, index);
	if (concept) checkConcept(concept, info);
	else if (prompts.length > 0) checkPrompts(prompts, info, file !== undefined);
	const { num, den } = info.pixelAspect;
	const mask = file
		? decodeMask(fitMask(encodeMask(await readMaskFile(resolve(file))), info, num / den))
		: undefined;
	const frame = await clip.frameAt(index, signal);
	if (!frame) throw missing(clip, index);
	return { ...target, frame, mask };
}

/** @throws CodedError `frame-missing` */
export function requireFrame(clip: ClipReader, index: number): void {
	if (index >= clip.info.frames) throw missing(clip, index);
}

function missing({ info: { frames } }: ClipReader, frame: number) {
	return modelError('frame-missing', { frame, frames, last: frames - 1 });
}

/**
 * Finds on a frame what is meant, best first: readings of the prompts, or what the description fits; of that only the match that was
 * asked for.
 * @throws CodedError `no-match`, `match-missing`, `mask-empty` when there is nothing where the prompts are, and what the segmenter throws
 */
export async function findOnFrame(
	{ frame, prompts, mask, concept, match }: TargetOnFrame,
	segmenter: Segmenter,
	signal: AbortSignal
): Promise<readonly Candidate[]> {
	if (concept?.words !== undefined) segmenter.checkWords?.(concept.words);
	const encoded = await segmenter.encode(frame, signal);
	try {
		if (!concept) {
			const readings = await encoded.segment(prompts, signal, mask);
			if (!readings[0] || isEmptyMask(readings[0].mask)) throw modelError('mask-empty');
			return readings;
		}
		const kind = concept.words === undefined ? 'example' : 'words';
		if (!encoded.detect) throw modelError('prompt-unknown', { kind, segmenter: segmenter.id });
		const found = await encoded.detect(concept, signal);
		if (found.length === 0) throw modelError('no-match');
		if (match === undefined) return found;
		if (match > found.length) throw modelError('match-missing', { match, found: found.length });
		return [found[match - 1]!];
	} finally {
		encoded.dispose();
	}
}
