import { modelError } from './errors.ts';
import { sameSize, type Mask, type Size } from './frame.ts';
import type { Box } from './segmenter.ts';

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

/** Whether a mask shows nothing of the target. */
export function isEmptyMask({ data }: Mask): boolean {
	return !data.some((value) => value >= 128);
}

/** Number of pixels of the target. */
export function maskArea({ counts }: RunLengthMask): number {
	let area = 0;
	for (let i = 1; i < counts.length; i += 2) area += counts[i]!;
	return area;
}

/** The smallest rectangle around the target; undefined where there is none. */
export function maskBox({ width, counts }: RunLengthMask): Box | undefined {
	let [left, right, top, bottom] = [Infinity, 0, Infinity, 0];
	let position = 0;
	for (const [index, count] of counts.entries()) {
		const [start, last] = [position, position + count - 1];
		position += count;
		if (index % 2 === 0 || count === 0) continue;
		const [firstRow, lastRow] = [Math.floor(start / width), Math.floor(last / width)];
		top = Math.min(top, firstRow);
		bottom = Math.max(bottom, lastRow + 1);
		// A run that goes on in the next row reaches both sides.
		left = Math.min(left, firstRow === lastRow ? start % width : 0);
		right = Math.max(right, firstRow === lastRow ? (last % width) + 1 : width);
	}
	return right > 0 ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/**
 * The mask at the size of its frame. A mask that was drawn on the picture as it is shown, with square pixels, is brought to a frame
 * whose pixels are not square; any other size is refused.
 * @param pixelAspect width over height of the frame's pixels
 * @throws CodedError `mask-size`
 */
export function fitMask(mask: RunLengthMask, frame: Size, pixelAspect = 1): RunLengthMask {
	requireFit(mask, frame, pixelAspect);
	if (sameSize(mask, frame)) return mask;
	return encodeMask(resampleMask(decodeMask(mask), frame));
}

/** A mask at another size: each pixel is that of the mask in which its centre lies. */
export function resampleMask(mask: Mask, { width, height }: Size): Mask {
	const data = new Uint8Array(width * height);
	for (let y = 0, i = 0; y < height; y++) {
		const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width;
		for (let x = 0; x < width; x++, i++) {
			data[i] = mask.data[row + Math.floor(((x + 0.5) * mask.width) / width)]!;
		}
	}
	return { width, height, data };
}

/**
 * Checks that `fitMask` takes a mask, without looking at its pixels.
 * @throws CodedError `mask-size`
 */
export function requireFit(mask: Size, frame: Size, pixelAspect = 1): void {
	// One side stays as it is when pixels are made square; the other is rounded.
	const asShown =
		(mask.height === frame.height && Math.abs(mask.width - frame.width * pixelAspect) <= 1) ||
		(mask.width === frame.width && Math.abs(mask.height - frame.height / pixelAspect) <= 1);
	if (pixelAspect === 1 || !asShown) requireSize(mask, frame);
}

/** @throws CodedError `mask-size` when a mask is not of the size of the frame that it is for */
export function requireSize(mask: Size, { width, height }: Size): void {
	if (sameSize(mask, { width, height })) return;
	throw modelError('mask-size', { maskWidth: mask.width, maskHeight: mask.height, width, height });
}
