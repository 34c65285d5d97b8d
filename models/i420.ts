import type { Plane, Size } from './frame.ts';

/** A picture in YCbCr 4:2:0: the luma plane, then both chroma planes of half its width and height (rounded up). */
export interface I420 extends Size {
	readonly data: Uint8Array<ArrayBuffer>;
}

/** 16, and one half for rounding, in units of 1/65536. */
const LUMA_OFFSET = (16 << 16) + (1 << 15);
/** 128, and one half for rounding, in units of 1/65536, for sums of four. */
const CHROMA_OFFSET = (128 << 18) + (1 << 17);

/** A plane as the luma of a grey picture, its values as they are: for a full-range picture. */
export function greyToI420({ width, height, data: luma }: Plane): I420 {
	const data = emptyI420({ width, height }).fill(128, width * height);
	data.set(luma);
	return { width, height, data };
}

/**
 * Converts opaque pixels by the matrix of BT.709 to limited range. Chroma is the mean of each square of four pixels.
 * @param pixels R, G, B, A from the lowest byte up
 */
export function rgbToI420(pixels: Int32Array, { width, height }: Size): I420 {
	const data = emptyI420({ width, height });
	const chromaWidth = (width + 1) >> 1;
	const area = width * height;
	const chromaArea = chromaWidth * ((height + 1) >> 1);
	for (let i = 0; i < area; i++) {
		const pixel = pixels[i]!;
		const luma = 11966 * (pixel & 255) + 40254 * ((pixel >>> 8) & 255) + 4064 * ((pixel >>> 16) & 255);
		data[i] = (luma + LUMA_OFFSET) >> 16;
	}
	for (let y = 0, c = area; y < height; y += 2) {
		const above = y * width;
		const below = y + 1 < height ? above + width : above;
		for (let x = 0; x < width; x += 2, c++) {
			const right = x + 1 < width ? x + 1 : x;
			const p = pixels[above + x]!;
			const q = pixels[above + right]!;
			const s = pixels[below + x]!;
			const t = pixels[below + right]!;
			const r = (p & 255) + (q & 255) + (s & 255) + (t & 255);
			const g = ((p >>> 8) & 255) + ((q >>> 8) & 255) + ((s >>> 8) & 255) + ((t >>> 8) & 255);
			const b = ((p >>> 16) & 255) + ((q >>> 16) & 255) + ((s >>> 16) & 255) + ((t >>> 16) & 255);
			data[c] = (-6596 * r - 22189 * g + 28785 * b + CHROMA_OFFSET) >> 18;
			data[c + chromaArea] = (28785 * r - 26145 * g - 2640 * b + CHROMA_OFFSET) >> 18;
		}
	}
	return { width, height, data };
}

function emptyI420({ width, height }: Size): Uint8Array<ArrayBuffer> {
	return new Uint8Array(width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1));
}
