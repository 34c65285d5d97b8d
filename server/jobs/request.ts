import { fitMask, maskArea } from '../../models/mask.ts';
import { appError } from '../protocol/errors.ts';
import type { Clip, JobRequest } from '../protocol/schema.ts';

/**
 * Checks that masks fit the clip.
 * @throws CodedError `mask-size`, `mask-empty`, `keyframe-missing`
 */
export function checkKeyframes({ keyframes }: JobRequest, clip: Clip): void {
	for (const { time, mask } of keyframes) {
		if (maskArea(fitMask(mask, clip, clip.pixelAspect)) === 0) throw appError('mask-empty');
		if (time > clip.duration) throw appError('keyframe-missing');
	}
}
