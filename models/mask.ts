import { modelError } from './errors.ts';
import { sameSize, type Mask, type Size } from './frame.ts';

/**
 * A binary mask as run lengths: counts of pixels row by row from the top left, first of the background (0 if the mask begins with the
 * target), then of the target, in turn. The counts add up to `width * height`.
 */
export interface RunLengthMask extends Size {
	readonly counts: readonly number[];
}

/** Codes a mask as run lengths; a pixel of 128 or more belongs to the target. */
export function encodeMask({ width, height, data }: Mask): RunLengthMask {
	const counts: number[] = [];
	let target = false;
	let start = 0;
	for (let i = 0; i < data.length; i++) {
		if (data[i]! >= 128 !== target) {
			counts.push(i - start);
			start = i;
			target = !target;
		}
	}
	counts.push(data.length - start);
	return { width, height, counts };
}

/**
 * Turns run lengths back into a mask of 0 and 255.
 * @throws RangeError when the counts do not add up to the mask's size
 */
export function decodeMask({ width, height, counts }: RunLengthMask): Mask {
	const data = new Uint8Array(width * height);
	let position = 0;
	for (const [index, count] of counts.entries()) {
		if (count < 0 || position + count > data.length) throw new RangeError('run lengths exceed the mask');
		if (index % 2 === 1) data.fill(255, position, position + count);
		position += count;
	}
	if (position !== data.length) throw new RangeError('run lengths fall short of the mask');
	return { width, height, data };
}

/** Number of pixels of the target. */
export function maskArea({ counts }: RunLengthMask): number {
	let area = 0;
	for (let i = 1; i < counts.length; i += 2) area += counts[i]!;
	return area;
}

/** @throws CodedError `mask-size` when a mask is not of the size of the frame that it is for */
export function requireSize(mask: Size, { width, height }: Size): void {
	if (sameSize(mask, { width, height })) return;
	throw modelError('mask-size', { maskWidth: mask.width, maskHeight: mask.height, width, height });
}
