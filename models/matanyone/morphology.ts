import type { Plane } from '../frame.ts';

/** The columns of each row of a kernel, relative to its anchor, both ends included. */
type KernelRow = readonly [dy: number, from: number, to: number];

/**
 * OpenCV's elliptic kernel of side `size`, anchored at `size >> 1`: with an even size it reaches one pixel less to the right and below
 * (opencv/modules/imgproc/src/morph.dispatch.cpp, `getStructuringElement`).
 */
function ellipse(size: number): KernelRow[] {
	const radius = size >> 1;
	return Array.from({ length: size }, (_, row): KernelRow => {
		const dy = row - radius;
		const reach = radius === 0 ? 0 : Math.round(radius * Math.sqrt((radius ** 2 - dy ** 2) / radius ** 2));
		return [dy, Math.max(-reach, -radius), Math.min(reach, size - 1 - radius)];
	});
}

/**
 * Which pixels have one of `value` under the kernel around them; what lies outside the picture counts as nothing. Takes a step for each
 * pixel and kernel row.
 * @returns 1 or 0 for each pixel
 */
function near({ width, height, data }: Plane, value: 0 | 255, size: number): Uint8Array {
	const kernel = ellipse(size);
	const found = new Uint8Array(width * height);
	for (let y = 0; y < height; y++) {
		const next = nextIn(data.subarray(y * width, (y + 1) * width), value);
		if (next[0] === none) continue;
		// The rows of the result that see this row of the picture.
		for (const [dy, from, to] of kernel) {
			if (y - dy < 0 || y - dy >= height) continue;
			const row = (y - dy) * width;
			for (let x = 0; x < width; x++) {
				if (next[Math.max(0, x + from)]! <= x + to) found[row + x] = 1;
			}
		}
	}
	return found;
}

/** Beyond every row. */
const none = 0xffff;

/** For each pixel of a row the first one of `value` from there on, or `none`. */
function nextIn(row: Plane['data'], value: number): Uint16Array {
	const next = new Uint16Array(row.length);
	for (let x = row.length - 1, at = none; x >= 0; x--) {
		if (row[x] === value) at = x;
		next[x] = at;
	}
	return next;
}

/** Grows a mask of 0 and 255 by OpenCV's elliptic kernel; the same as `cv::dilate`. */
export function dilate(mask: Plane, size: number): Plane {
	const data = near(mask, 255, size).map((touched) => (touched ? 255 : 0));
	return { width: mask.width, height: mask.height, data };
}

/** Shrinks a mask of 0 and 255 by OpenCV's elliptic kernel; the same as `cv::erode`. */
export function erode(mask: Plane, size: number): Plane {
	const data = near(mask, 0, size).map((touched) => (touched ? 0 : 255));
	return { width: mask.width, height: mask.height, data };
}
