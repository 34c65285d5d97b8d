import type { Plane, Size } from '../frame.ts';
import { wholeCells, wholeView, type View } from './view.ts';

/** From here on a pixel counts as the target's. Fainter hair and blur around it are what the margin is for. */
const TARGET = 64;

/** The margin around the target: a quarter of its longer side, but so many pixels of the source at least. */
const MARGIN = 1 / 4;
const LEAST_MARGIN = 32;

/** The least side of a canvas where the whole picture's has it, too: the network has seen pictures of such sizes. */
const LEAST_SIDE = 448;

/** How much coarser than needed a view may be before another takes its place. */
const COARSER = 1.5;

/** How much coarser than the best one a view of the same canvas may be: another canvas means to open the networks anew. */
const SAME_CANVAS = 1.25;

/** The pixels from `left` and `top` up to `right` and `bottom`. */
export interface Box {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/** The box of the target over several masks of the same size; undefined where there is none. */
export function targetBox(masks: readonly Plane[]): Box | undefined {
	let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
	for (const { width, height, data } of masks) {
		for (let y = 0; y < height; y++) {
			const row = data.subarray(y * width, (y + 1) * width);
			const first = row.findIndex((value) => value >= TARGET);
			if (first < 0) continue;
			left = Math.min(left, first);
			right = Math.max(right, row.findLastIndex((value) => value >= TARGET) + 1);
			top = Math.min(top, y);
			bottom = Math.max(bottom, y + 1);
		}
	}
	return right > 0 ? { left, top, right, bottom } : undefined;
}

/**
 * The view of a target that shows it as finely as the memory of the whole picture's view allows; that view itself where it is as fine.
 */
export function surround(box: Box, picture: Size, maxSize: number): View {
	const whole = wholeView(picture, maxSize);
	const most = whole.canvas.width * whole.canvas.height;
	const { width, height } = withMargin(box, whole, picture);
	for (let scale = Math.max(1, Math.sqrt((width * height) / most)); scale < whole.scale; scale *= 1.01) {
		const canvas = { width: wholeCells(width / scale), height: wholeCells(height / scale) };
		if (canvas.width * canvas.height <= most) return place(box, picture, canvas, scale);
	}
	return whole;
}

/**
 * The view of the next window. It stays while the target has half the margin on every side and is not seen much more coarsely than need be;
 * then it moves, with the same canvas where that shows the target nearly as finely as the best one.
 */
export function follow(view: View, box: Box, picture: Size, maxSize: number): View {
	const best = surround(box, picture, maxSize);
	if (view.scale <= COARSER * best.scale && isClear(view, box, picture)) return view;
	const { width, height } = withMargin(box, wholeView(picture, maxSize), picture);
	const scale = Math.max(1, width / view.canvas.width, height / view.canvas.height);
	return scale <= SAME_CANVAS * best.scale ? place(box, picture, view.canvas, scale) : best;
}

function isClear({ x, y, scale, canvas }: View, box: Box, picture: Size): boolean {
	const least = margin(box) / 2;
	const right = x + canvas.width * scale;
	const bottom = y + canvas.height * scale;
	return (
		(x <= 0 || box.left - x >= least) &&
		(y <= 0 || box.top - y >= least) &&
		(right >= picture.width || right - box.right >= least) &&
		(bottom >= picture.height || bottom - box.bottom >= least)
	);
}

function margin({ left, top, right, bottom }: Box): number {
	return Math.max(LEAST_MARGIN, MARGIN * Math.max(right - left, bottom - top));
}

function withMargin(box: Box, { canvas }: View, picture: Size): Size {
	const around = 2 * margin(box);
	const side = (length: number, least: number, most: number) =>
		Math.min(most, Math.max(length + around, least));
	return {
		width: side(box.right - box.left, Math.min(LEAST_SIDE, canvas.width), picture.width),
		height: side(box.bottom - box.top, Math.min(LEAST_SIDE, canvas.height), picture.height)
	};
}

/** A view with the box in its middle, as far as the picture reaches. */
function place({ left, top, right, bottom }: Box, picture: Size, canvas: Size, scale: number): View {
	const corner = (from: number, to: number, side: number, limit: number) =>
		Math.round(Math.max(0, Math.min((from + to - side) / 2, limit - side)));
	return {
		x: corner(left, right, canvas.width * scale, picture.width),
		y: corner(top, bottom, canvas.height * scale, picture.height),
		...{ scale, canvas }
	};
}
