import type { SegmentationWish, Way } from '$lib/state/ways.ts';
import type { FloatType } from '$models/onnx/types.ts';
import type { SegmenterInfo } from '$workers/segment/types.ts';

/**
 * The input sizes to choose from besides the automatic one: those that work here, and what is wished for, so that it can be taken back where
 * it keeps SAM 3 from running. None where there is nothing to choose.
 */
export function sizeChoices(
	{ setup, sizes = [] }: Pick<SegmenterInfo, 'setup' | 'sizes'>,
	{ size }: SegmentationWish
): readonly number[] {
	const works = setup ? sizes : [];
	return size === undefined || works.includes(size) ? works : [...works, size].sort((a, b) => b - a);
}

/** The same for what it computes in: a choice only on a graphics card that computes in half precision, too. */
export function precisionChoices(
	{ setup, half }: Pick<SegmenterInfo, 'setup' | 'half'>,
	way: Way,
	{ precision }: SegmentationWish
): readonly FloatType[] {
	if (setup && half && way === 'webgpu') return ['float16', 'float32'];
	return precision === undefined ? [] : [precision];
}
