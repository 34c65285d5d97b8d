import type { Frame, Plane, Size } from '../frame.ts';
import type { View } from './view.ts';

/**
 * Draws what a view shows of a frame.
 * @returns red, green and blue, 0 to 1: [3, height, width] of the view's canvas
 */
export function drawFrame(frame: Frame, view: View): Float32Array {
	return draw(frame, 4, 3, view);
}

/**
 * Draws what a view shows of a mask or an alpha.
 * @returns 0 to 1: [height, width] of the view's canvas
 */
export function drawPlane(plane: Plane, view: View): Float32Array {
	return draw(plane, 1, 1, view);
}

/** Where each pixel of a canvas comes from along one axis, and by which weights: so many taps for each, one after the other. */
interface Taps {
	readonly count: number;
	readonly from: Uint32Array;
	readonly weight: Float32Array;
}

/** @param step bytes from one pixel to the next, of which the first `channels` are drawn */
function draw(
	{ width, height, data }: Size & Pick<Plane, 'data'>,
	step: number,
	channels: number,
	view: View
): Float32Array {
	const { canvas, scale } = view;
	const columns = tapsOf(view.x, scale, canvas.width, width);
	const rows = tapsOf(view.y, scale, canvas.height, height);
	// What of a row is looked at.
	const start = step * columns.from[0]!;
	const end = step * (columns.from.at(-1)! + 1);
	const line = new Float32Array(step * width);
	const drawn = new Float32Array(channels * canvas.width * canvas.height);
	for (let y = 0; y < canvas.height; y++) {
		line.fill(0);
		for (let tap = y * rows.count; tap < (y + 1) * rows.count; tap++) {
			const weight = rows.weight[tap]! / 255;
			if (weight === 0) continue;
			const row = step * width * rows.from[tap]!;
			for (let i = start; i < end; i++) line[i]! += weight * data[row + i]!;
		}
		for (let c = 0; c < channels; c++) {
			const out = (c * canvas.height + y) * canvas.width;
			drawLine(line.subarray(c), step, columns, drawn.subarray(out, out + canvas.width));
		}
	}
	return drawn;
}

/** One row of one channel, over the canvas' width. */
function drawLine(
	line: Float32Array,
	step: number,
	{ count, from, weight }: Taps,
	drawn: Float32Array
): void {
	for (let x = 0, tap = 0; x < drawn.length; x++) {
		let sum = 0;
		for (const end = tap + count; tap < end; tap++) sum += weight[tap]! * line[step * from[tap]!]!;
		// Rounding alone can lead beyond 1.
		drawn[x] = Math.min(1, sum);
	}
}

/**
 * A triangle as wide as two of the canvas' pixels, so that nothing aliases (as Pillow's `BILINEAR`, by which upstream makes pictures
 * smaller); at scale 1 each pixel is the source's own. Beyond the source its border is repeated.
 */
function tapsOf(start: number, scale: number, pixels: number, length: number): Taps {
	const count = Math.ceil(2 * scale) + 1;
	const from = new Uint32Array(pixels * count);
	const weight = new Float32Array(pixels * count);
	for (let i = 0; i < pixels; i++) {
		const middle = start + (i + 0.5) * scale;
		const first = Math.floor(middle - scale);
		const at = i * count;
		let sum = 0;
		for (let tap = 0; tap < count; tap++) {
			from[at + tap] = Math.min(Math.max(first + tap, 0), length - 1);
			weight[at + tap] = Math.max(0, 1 - Math.abs(first + tap + 0.5 - middle) / scale);
			sum += weight[at + tap]!;
		}
		for (let tap = at; tap < at + count; tap++) weight[tap]! /= sum;
	}
	return { count, from, weight };
}

/**
 * Brings an alpha of a view back to the source: bilinear where the view is smaller, zero outside of the view.
 * @param values 0 to 1: [height, width] of the view's canvas
 */
export function pasteAlpha(values: Float32Array, view: View, { width, height }: Size): Uint8Array {
	const { canvas } = view;
	const columns = placesOf(view.x, view.scale, canvas.width, width);
	const rows = placesOf(view.y, view.scale, canvas.height, height);
	const pasted = new Uint8Array(width * height);
	for (let y = rows.first; y < rows.end; y++) {
		const upper = rows.at[y]! * canvas.width;
		const lower = rows.next[y]! * canvas.width;
		const down = rows.share[y]!;
		for (let x = columns.first; x < columns.end; x++) {
			const left = columns.at[x]!;
			const right = columns.next[x]!;
			const over = columns.share[x]!;
			const above = values[upper + left]! * (1 - over) + values[upper + right]! * over;
			const below = values[lower + left]! * (1 - over) + values[lower + right]! * over;
			pasted[y * width + x] = 255 * (above * (1 - down) + below * down) + 0.5;
		}
	}
	return pasted;
}

/**
 * For each of `length` pixels of the source that lie in the view, from `first` up to `end`: the canvas' pixel before it, the one after it,
 * and that one's share.
 */
function placesOf(start: number, scale: number, pixels: number, length: number) {
	const at = new Uint32Array(length);
	const next = new Uint32Array(length);
	const share = new Float32Array(length);
	const first = Math.max(0, start);
	const end = Math.min(length, Math.floor(start + pixels * scale + 0.5));
	for (let i = first; i < end; i++) {
		const place = Math.min(Math.max((i + 0.5 - start) / scale - 0.5, 0), pixels - 1);
		at[i] = Math.floor(place);
		next[i] = Math.min(at[i]! + 1, pixels - 1);
		share[i] = place - at[i]!;
	}
	return { first, end, at, next, share };
}
