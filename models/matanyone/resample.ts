import type { Frame, Size } from '../frame.ts';

/**
 * Shrinks a part of one row of a frame: every pixel is the mean of those that it touches (adaptive average pooling, PyTorch's `area`
 * interpolation).
 * @param to the smaller frame's size
 * @param part its row, and the columns from `left` up to `right`
 * @param rgb gets three bytes for each of these columns
 */
export function meanColours(
	{ width, height, data }: Frame,
	to: Size,
	{ y, left, right }: { readonly y: number; readonly left: number; readonly right: number },
	rgb: Uint8Array
): void {
	const top = Math.floor((y * height) / to.height);
	const bottom = Math.ceil(((y + 1) * height) / to.height);
	for (let x = left, out = 0; x < right; x++, out += 3) {
		const from = Math.floor((x * width) / to.width);
		const until = Math.ceil(((x + 1) * width) / to.width);
		let r = 0;
		let g = 0;
		let b = 0;
		for (let row = top; row < bottom; row++) {
			for (let i = 4 * (row * width + from), end = 4 * (row * width + until); i < end; i += 4) {
				r += data[i]!;
				g += data[i + 1]!;
				b += data[i + 2]!;
			}
		}
		const count = (bottom - top) * (until - from);
		rgb[out] = r / count + 0.5;
		rgb[out + 1] = g / count + 0.5;
		rgb[out + 2] = b / count + 0.5;
	}
}

/** For each of `to` pixels the one of `from` pixels that it takes (PyTorch's `nearest` interpolation). */
export function nearestIndices(from: number, to: number): Uint32Array {
	return Uint32Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
}

/**
 * Enlarges values of 0 to 1 to bytes, bilinearly between the pixels' middles (PyTorch's `bilinear` interpolation, corners not
 * aligned).
 */
export function enlarge(values: Float32Array, from: Size, to: Size): Uint8Array {
	const columns = blends(from.width, to.width);
	const rows = blends(from.height, to.height);
	const line = new Float32Array(from.width);
	const data = new Uint8Array(to.width * to.height);
	for (let y = 0, out = 0; y < to.height; y++) {
		const upper = rows.at[y]! * from.width;
		const lower = upper + rows.step[y]! * from.width;
		const down = rows.share[y]!;
		for (let x = 0; x < from.width; x++) {
			line[x] = values[upper + x]! * (1 - down) + values[lower + x]! * down;
		}
		for (let x = 0; x < to.width; x++, out++) {
			const at = columns.at[x]!;
			const right = columns.share[x]!;
			data[out] = 255 * (line[at]! * (1 - right) + line[at + columns.step[x]!]! * right) + 0.5;
		}
	}
	return data;
}

/** For each of `to` pixels the pixel before it, how far on the one after it is (0 at the end), and that one's share. */
function blends(from: number, to: number) {
	const at = new Uint32Array(to);
	const step = new Uint8Array(to);
	const share = new Float32Array(to);
	for (let i = 0; i < to; i++) {
		const middle = Math.max(0, ((i + 0.5) * from) / to - 0.5);
		at[i] = Math.floor(middle);
		step[i] = at[i]! + 1 < from ? 1 : 0;
		share[i] = middle - at[i]!;
	}
	return { at, step, share };
}
