import { maskBox, type RunLengthMask } from '$models/mask.ts';
import type { Box } from '$models/segmenter.ts';
import type { Rgb } from './colour.ts';

/** How a mask is drawn. */
export interface Look {
	readonly colour: Rgb;
	/** How much of the colour lies inside, 0 to 1. */
	readonly tint: number;
	/** How much of it lies along the edge, 0 to 1. */
	readonly edge: number;
}

/** One of the masks over a picture. */
export interface Layer extends Look {
	readonly mask: RunLengthMask;
}

/** The most bits that a pixel has. */
export const mostBits = 32;

/**
 * The bit of a pixel that stands for each layer, in their order. Where there are more layers than bits, those that look alike share
 * one: only the line between two of them that touch is lost.
 */
export function assignBits(looks: readonly Look[]): number[] {
	if (looks.length <= mostBits) return looks.map((_, index) => index);
	const keys = looks.map(({ colour, tint, edge }) => [...colour, tint, edge].join());
	const different = [...new Set(keys)];
	return keys.map((key) => different.indexOf(key) % mostBits);
}

/** A mask and the bit of a pixel that stands for it, from 0 to 31. */
export interface Placed {
	readonly mask: RunLengthMask;
	readonly bit: number;
}

/**
 * Puts masks of one size into one picture: a pixel has the bit of each mask that it belongs to. Its numbers are as wide as needed.
 * @throws RangeError when the masks' sizes differ or run lengths exceed them
 */
export function packMasks(masks: readonly Placed[]) {
	const { width, height } = masks[0]!.mask;
	const data = numbersOf(Math.max(...masks.map(({ bit }) => bit)), width * height);
	for (const [index, { mask, bit }] of masks.entries()) {
		if (mask.width !== width || mask.height !== height) throw new RangeError('masks of different sizes');
		const flag = 1 << bit;
		let position = 0;
		for (const [run, count] of mask.counts.entries()) {
			const end = position + count;
			if (end > data.length) throw new RangeError('run lengths exceed the mask');
			if (run % 2 === 1) {
				// Under the first mask nothing is there yet.
				if (index === 0) data.fill(flag, position, end);
				else for (let i = position; i < end; i++) data[i]! |= flag;
			}
			position = end;
		}
	}
	return { width, height, data };
}

function numbersOf(highestBit: number, length: number) {
	if (highestBit < 8) return new Uint8Array(length);
	return highestBit < 16 ? new Uint16Array(length) : new Uint32Array(length);
}

/** The smallest rectangle around all of the masks; undefined where none shows anything. */
export function boxAround(masks: readonly RunLengthMask[]): Box | undefined {
	const boxes = masks.map(maskBox).filter((box) => box !== undefined);
	if (boxes.length === 0) return undefined;
	const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
	const right = Math.max(...boxes.map((box) => box.x + box.width));
	const bottom = Math.max(...boxes.map((box) => box.y + box.height));
	return { x, y, width: right - x, height: bottom - y };
}
