import type { Size } from '../frame.ts';
import { TOKEN, type Window } from './canvas.ts';

/** From here on a pixel counts as the target's. Fainter hair and blur around it are what the margin is for. */
const TARGET = 0.25;

/** The least margin around the target, in pixels of the canvas: four of the network's tokens. */
const LEAST_MARGIN = 64;

/** The pixels from `left` and `top` up to `right` and `bottom`. */
export interface Box {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/**
 * The box of the target on the canvas.
 * @param values height x width of the window, 0 to 1
 * @returns undefined where there is no target
 */
export function targetBox(values: Float32Array, window: Window): Box | undefined {
	let [left, top, right, bottom] = [window.width, window.height, 0, 0];
	for (let y = 0, i = 0; y < window.height; y++) {
		for (let x = 0; x < window.width; x++, i++) {
			if (values[i]! < TARGET) continue;
			if (x < left) left = x;
			if (x >= right) right = x + 1;
			if (y < top) top = y;
			bottom = y + 1;
		}
	}
	if (right === 0) return undefined;
	const { x, y } = window;
	return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}

/** The window around a target, with a margin of half its longer side. */
export function surround(box: Box, canvas: Size): Window {
	return place(box, canvas, sizeAround(box, canvas, margin(box)));
}

/**
 * Where the window goes next: it stays while the target has half the margin on every side, then moves so that the target is in its
 * middle. It grows when the target has outgrown it, and never shrinks, since networks are loaded for a size.
 */
export function follow(window: Window, box: Box, canvas: Size): Window {
	const least = margin(box) / 2;
	const { x, y, width, height } = window;
	const clear =
		(x === 0 || box.left - x >= least) &&
		(y === 0 || box.top - y >= least) &&
		(x + width === canvas.width || x + width - box.right >= least) &&
		(y + height === canvas.height || y + height - box.bottom >= least);
	if (clear) return window;
	const needed = sizeAround(box, canvas, least);
	const outgrown = needed.width > width || needed.height > height;
	const roomy = outgrown ? sizeAround(box, canvas, 2 * least) : window;
	return place(box, canvas, {
		width: Math.max(width, roomy.width),
		height: Math.max(height, roomy.height)
	});
}

function margin({ left, top, right, bottom }: Box): number {
	return Math.max(LEAST_MARGIN, Math.max(right - left, bottom - top) / 2);
}

function sizeAround({ left, top, right, bottom }: Box, canvas: Size, around: number): Size {
	// One token more, since the corner can be placed at a token only.
	const side = (length: number) => Math.ceil((length + 2 * around) / TOKEN + 1) * TOKEN;
	return {
		width: Math.min(canvas.width, side(right - left)),
		height: Math.min(canvas.height, side(bottom - top))
	};
}

/** A window of this size with the box in its middle, as far as the canvas reaches. */
function place({ left, top, right, bottom }: Box, canvas: Size, { width, height }: Size): Window {
	const corner = (from: number, to: number, side: number, limit: number) => {
		const wanted = Math.floor(((from + to - side) / 2 + TOKEN / 2) / TOKEN) * TOKEN;
		return Math.min(Math.max(wanted, 0), limit - side);
	};
	return {
		x: corner(left, right, width, canvas.width),
		y: corner(top, bottom, height, canvas.height),
		width,
		height
	};
}
