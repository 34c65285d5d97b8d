import type { Size } from '../../models/frame.ts';

/** How a stored picture is turned upright: first transposed (rows become columns), then mirrored. */
export interface Orientation {
	readonly transpose: boolean;
	readonly mirrorX: boolean;
	readonly mirrorY: boolean;
}

export const upright: Orientation = { transpose: false, mirrorX: false, mirrorY: false };

export function isUpright({ transpose, mirrorX, mirrorY }: Orientation): boolean {
	return !transpose && !mirrorX && !mirrorY;
}

/**
 * Reads a display matrix (ISO/IEC 14496-12, 8.3.2: a point (p, q) is shown at (a p + c q, b p + d q)), as FFmpeg gives it: nine 32-bit
 * numbers a b u c d v x y w. Angles between the right ones are taken for the nearest.
 */
export function orientationFromMatrix(matrix: Buffer): Orientation {
	const [a, b, c, d] = [0, 1, 3, 4].map((index) => matrix.readInt32LE(index * 4)) as [
		number,
		number,
		number,
		number
	];
	const transpose = Math.abs(b) + Math.abs(c) > Math.abs(a) + Math.abs(d);
	return { transpose, mirrorX: (transpose ? c : a) < 0, mirrorY: (transpose ? b : d) < 0 };
}

/** The size of the upright picture of a stored one, or of the stored picture of an upright one. */
export function turnedSize({ width, height }: Size, { transpose }: Orientation): Size {
	return transpose ? { width: height, height: width } : { width, height };
}

/**
 * Turns a stored picture upright.
 * @param stored 32-bit pixels, `stride` pixels from row to row
 * @param size of the upright picture
 * @returns packed pixels of the upright picture
 */
export function turn(
	stored: Int32Array,
	stride: number,
	{ width, height }: Size,
	{ transpose, mirrorX, mirrorY }: Orientation
): Int32Array<ArrayBuffer> {
	const stepX = (transpose ? stride : 1) * (mirrorX ? -1 : 1);
	const stepY = (transpose ? 1 : stride) * (mirrorY ? -1 : 1);
	const origin = (mirrorX ? -stepX * (width - 1) : 0) + (mirrorY ? -stepY * (height - 1) : 0);
	const pixels = new Int32Array(width * height);
	let to = 0;
	for (let y = 0; y < height; y++) {
		let from = origin + y * stepY;
		for (let x = 0; x < width; x++, from += stepX) pixels[to++] = stored[from]!;
	}
	return pixels;
}
