import { extname } from 'node:path';
import { maskArea, requireSize } from '../../models/mask.ts';
import { appError } from '../protocol/errors.ts';
import type { Clip, JobRequest } from '../protocol/schema.ts';

/**
 * Checks that masks fit the clip.
 * @throws CodedError `mask-size`, `mask-empty`, `keyframe-missing`
 */
export function checkKeyframes({ keyframes }: JobRequest, clip: Clip): void {
	for (const { time, mask } of keyframes) {
		requireSize(mask, clip);
		if (maskArea(mask) === 0) throw appError('mask-empty');
		if (time > clip.duration) throw appError('keyframe-missing');
	}
}

/**
 * The name to save a result under: the clip's, without what file systems refuse, in the place of the one on the disk.
 * @param clip the clip's file name
 * @param diskName what the result's name on the disk begins with
 * @param file the result's name on the disk
 */
export function saveName(clip: string, diskName: string, file: string): string {
	const stem = clip.slice(0, clip.length - extname(clip).length).replace(/[\\/:*?"<>|\p{Cc}]/gu, '_');
	return `${stem || diskName}${file.slice(diskName.length)}`;
}
