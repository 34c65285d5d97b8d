import type { Size } from '../frame.ts';

/** The networks halve the picture six times over. */
export const CELL = 64;

/**
 * What the network sees of a picture: a rectangle of it, in pixels of the source, made smaller by `scale` to a canvas. It keeps the
 * picture's proportions, and may reach beyond the picture, whose border is repeated there.
 */
export interface View {
	/** The rectangle's top left corner in the source. */
	readonly x: number;
	readonly y: number;
	/** Pixels of the source to one of the canvas, 1 at least: nothing is enlarged. */
	readonly scale: number;
	/** Sides are multiples of `CELL`. */
	readonly canvas: Size;
}

/** The whole picture with its longer side at `maxSize` at most, in the canvas' top left. */
export function wholeView(picture: Size, maxSize: number): View {
	const scale = Math.max(1, Math.max(picture.width, picture.height) / maxSize);
	return {
		...{ x: 0, y: 0, scale },
		canvas: { width: wholeCells(picture.width / scale), height: wholeCells(picture.height / scale) }
	};
}

/** A length in whole cells; what is over by rounding alone needs none. */
export function wholeCells(pixels: number): number {
	return Math.max(1, Math.ceil(pixels / CELL - 1e-6)) * CELL;
}

export function sameView(a: View, b: View): boolean {
	return (
		a.x === b.x &&
		a.y === b.y &&
		a.scale === b.scale &&
		a.canvas.width === b.canvas.width &&
		a.canvas.height === b.canvas.height
	);
}
