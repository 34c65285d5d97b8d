/** Width and height in pixels. */
export interface Size {
	readonly width: number;
	readonly height: number;
}

/**
 * One picture of a clip: 8-bit RGBA, straight (not premultiplied), row by row from the top left, upright (rotation already
 * applied). `data.length` is `width * height * 4`; the fourth byte of a decoded video frame is 255.
 */
export interface Frame extends Size {
	readonly data: Uint8Array | Uint8ClampedArray;
}

/** One 8-bit channel, row by row from the top left; `data.length` is `width * height`. */
export interface Plane extends Size {
	readonly data: Uint8Array | Uint8ClampedArray;
}

/** Which pixels belong to the target: 0 (no) or 255 (yes). Values between are a soft mask, which only some engines use. */
export type Mask = Plane;

/** How much of a pixel is the target: 0 (none of it) to 255 (all of it). */
export type Alpha = Plane;

/** A plane of zeros. */
export function emptyPlane({ width, height }: Size): Plane {
	return { width, height, data: new Uint8Array(width * height) };
}

/** Whether two pictures have the same width and height. */
export function sameSize(a: Size, b: Size): boolean {
	return a.width === b.width && a.height === b.height;
}
