import { sameSize, type Alpha, type Frame, type Plane, type Size } from '../frame.ts';
import { enlarge, meanColours, nearestIndices } from './resample.ts';

/** Pixels to each side of one of the network's tokens. */
export const TOKEN = 16;

/** The least side of a canvas: the network attends to 30 tokens of the memory, and one frame must have as many. */
const LEAST_SIDE = 6 * TOKEN;

/** A part of a canvas; corner and sides are multiples of `TOKEN`. */
export interface Window extends Size {
	readonly x: number;
	readonly y: number;
}

/**
 * Where the network works: the clip's picture, made smaller where that is asked for, in the middle of a canvas of zeros whose sides
 * are multiples of 16 (as matanyone/utils/tensor_utils.py, `pad_divide_by`). The network sees it through a window.
 */
export class Canvas implements Size {
	readonly width: number;
	readonly height: number;
	/** The size of the picture on it. */
	readonly picture: Size;
	readonly #left: number;
	readonly #top: number;
	/** The alpha of the whole picture, for one that was made smaller. */
	readonly #alpha: Float32Array | undefined;

	/** @param maxSize the picture's shorter side at most; -1 for the source's own size */
	constructor(
		private readonly source: Size,
		maxSize: number
	) {
		this.picture = workingSize(source, maxSize);
		({ width: this.width, height: this.height } = canvasSize(source, maxSize));
		this.#left = (this.width - this.picture.width) >> 1;
		this.#top = (this.height - this.picture.height) >> 1;
		if (!sameSize(this.picture, source))
			this.#alpha = new Float32Array(this.picture.width * this.picture.height);
	}

	/** The window that shows all of it. */
	get all(): Window {
		return { x: 0, y: 0, width: this.width, height: this.height };
	}

	/**
	 * Draws what a window shows of a frame.
	 * @param rgb height x width x 3 of the window
	 */
	drawFrame(frame: Frame, window: Window, rgb: Uint8Array): void {
		const { left, right, top, bottom, offset } = this.#shown(window);
		rgb.fill(0);
		for (let y = top; y < bottom; y++) {
			const row = 3 * (offset + y * window.width);
			if (this.#alpha) {
				meanColours(frame, this.picture, { y, left, right }, rgb.subarray(row + 3 * left));
				continue;
			}
			let out = row + 3 * left;
			for (let i = 4 * (y * frame.width + left), end = i + 4 * (right - left); i < end; i += 4) {
				rgb[out++] = frame.data[i]!;
				rgb[out++] = frame.data[i + 1]!;
				rgb[out++] = frame.data[i + 2]!;
			}
		}
	}

	/**
	 * What a window shows of a mask of the source's size.
	 * @returns height x width of the window, 0 to 1
	 */
	drawMask({ data, width }: Plane, window: Window): Float32Array {
		const { left, right, top, bottom, offset } = this.#shown(window);
		const columns = nearestIndices(this.source.width, this.picture.width);
		const rows = nearestIndices(this.source.height, this.picture.height);
		const values = new Float32Array(window.width * window.height);
		for (let y = top; y < bottom; y++) {
			const from = rows[y]! * width;
			for (let x = left; x < right; x++) {
				values[offset + y * window.width + x] = data[from + columns[x]!]! / 255;
			}
		}
		return values;
	}

	/**
	 * The alpha of the whole source, from that in a window; nothing of the target is outside.
	 * @param values height x width of the window, 0 to 1
	 */
	alphaOf(values: Float32Array, window: Window): Alpha {
		const { left, right, top, bottom, offset } = this.#shown(window);
		const { width, height } = this.source;
		if (this.#alpha) {
			this.#alpha.fill(0);
			for (let y = top; y < bottom; y++) {
				const row = offset + y * window.width;
				this.#alpha.set(values.subarray(row + left, row + right), y * this.picture.width + left);
			}
			return { width, height, data: enlarge(this.#alpha, this.picture, this.source) };
		}
		const data = new Uint8Array(width * height);
		for (let y = top; y < bottom; y++) {
			const row = offset + y * window.width;
			for (let x = left; x < right; x++) data[y * width + x] = 255 * values[row + x]! + 0.5;
		}
		return { width, height, data };
	}

	/** The part of the picture that a window shows, and how far its pixel (0, 0) lies from the window's in row order. */
	#shown({ x, y, width, height }: Window) {
		return {
			left: Math.max(0, x - this.#left),
			right: Math.min(this.picture.width, x + width - this.#left),
			top: Math.max(0, y - this.#top),
			bottom: Math.min(this.picture.height, y + height - this.#top),
			offset: (this.#top - y) * width + this.#left - x
		};
	}
}

/** The size that a picture is worked at: its own, or smaller so that its shorter side is `maxSize` (-1 for its own). */
export function workingSize({ width, height }: Size, maxSize: number): Size {
	const shorter = Math.min(width, height);
	if (maxSize <= 0 || maxSize >= shorter) return { width, height };
	const scaled = (side: number) => Math.floor((side / shorter) * maxSize);
	return { width: scaled(width), height: scaled(height) };
}

/** The size of the canvas for a picture that is worked at `maxSize`. */
export function canvasSize(source: Size, maxSize: number): Size {
	const { width, height } = workingSize(source, maxSize);
	return { width: padded(width), height: padded(height) };
}

/** The next length that the networks take. */
function padded(side: number): number {
	return Math.max(LEAST_SIDE, Math.ceil(side / TOKEN) * TOKEN);
}
