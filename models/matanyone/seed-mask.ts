import type { Mask } from '../frame.ts';
import { dilate, erode } from './morphology.ts';
import type { MatAnyoneOptions } from './options.ts';

/**
 * A keyframe's mask as the network is to see it, at the size that it came in: grown, then shrunk. In a soft mask growing counts every
 * trace of the target and shrinking only what is all target (`gen_dilate`, `gen_erosion` in matanyone/utils/inference_utils.py).
 */
export function seedMask(mask: Mask, options: Pick<MatAnyoneOptions, 'dilate' | 'erode'>): Mask {
	const grown = options.dilate > 0 ? dilate(threshold(mask, 1), options.dilate) : mask;
	return options.erode > 0 ? erode(threshold(grown, 255), options.erode) : grown;
}

/** Which pixels have at least a value. */
export function threshold({ width, height, data }: Mask, least: number): Mask {
	return { width, height, data: data.map((value) => (value >= least ? 255 : 0)) };
}
