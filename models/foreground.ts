import type { Alpha, Frame } from './frame.ts';

/** Side of the cells in which the first pass works, and of the tiles that mark where there is anything to estimate: 2³ pixels. */
const TILE_SHIFT = 3;
const TILE = 1 << TILE_SHIFT;
/** Radius of the first blur, in tiles: about 90 pixels. */
const FAR = 11;
/** Of so many pixels and rows, one is enough for it. */
const FAR_STEP = 2;
/** Side of the cells of the second pass: 2¹ pixels, and the radius of its blur, in cells: 6 pixels. */
const CELL_SHIFT = 1;
const NEAR = 3;

/** Rows and columns of tiles, the last ones not included. */
interface Tiles {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/**
 * Makes an estimator of the target's own colours: what a pixel of a soft edge would show without the background that shines
 * through. Blur fusion in two passes (Forté, "Approximate Fast Foreground Colour Estimation", ICIP 2021), the wide one on cells of 8x8
 * pixels, the narrow one on cells of 2x2.
 *
 * The frame that it returns is valid until the next call, which takes its memory again; its fourth byte is the alpha. A pixel of alpha 255 keeps its colour, one of alpha 0 beside the
 * edge gets the colour of the target near by (so that scaling and lossy coding do not darken the edge), and the rest is black.
 */
export function createForegroundEstimator(): (frame: Frame, alpha: Alpha) => Frame {
	const far = new BlurGrid(TILE_SHIFT);
	const near = new BlurGrid(CELL_SHIFT);
	const sample = new Float32Array(8);
	let data = new Uint8Array(0);

	return (frame, alpha) => {
		const { width, height } = frame;
		const source = frame.data;
		const opacity = alpha.data;
		if (data.length === width * height * 4) data.fill(0);
		else data = new Uint8Array(width * height * 4);
		const across = Math.ceil(width / TILE);
		const down = Math.ceil(height / TILE);
		const { marks, around } = markEdges(alpha, across, down);
		copyOpaque(data, source, opacity);
		if (!around) return { width, height, data };

		far.reset(widen(around, FAR, across, down), width, height);
		for (let y = far.y0; y < far.y1; y += FAR_STEP) {
			for (let x = far.x0, i = y * width + x; x < far.x1; x += FAR_STEP, i += FAR_STEP) {
				const a = opacity[i]! / 255;
				const c = 4 * i;
				const r = source[c]!;
				const g = source[c + 1]!;
				const b = source[c + 2]!;
				far.add(x, y, r * a, g * a, b * a, a, r * (1 - a), g * (1 - a), b * (1 - a));
			}
		}
		far.blur(FAR);

		near.reset(around, width, height);
		forEachMarked(marks, around, across, width, height, (x, y, i) => {
			const a = opacity[i]! / 255;
			const c = 4 * i;
			const r = source[c]!;
			const g = source[c + 1]!;
			const b = source[c + 2]!;
			if (a === 0) near.add(x, y, 0, 0, 0, 0, r, g, b);
			else if (a === 1) near.add(x, y, r, g, b, 1, 0, 0, 0);
			else {
				far.at(x, y, sample);
				const fr = a * fuse(r, a, sample, 0);
				const fg = a * fuse(g, a, sample, 1);
				const fb = a * fuse(b, a, sample, 2);
				const back = sample[7]! > 1e-3 ? (1 - a) / sample[7]! : 0;
				near.add(x, y, fr, fg, fb, a, sample[4]! * back, sample[5]! * back, sample[6]! * back);
			}
		});
		near.blur(NEAR);

		forEachMarked(marks, around, across, width, height, (x, y, i) => {
			const a = opacity[i]!;
			if (a === 255) return;
			near.at(x, y, sample);
			const c = 4 * i;
			for (let k = 0; k < 3; k++) {
				if (a > 0) data[c + k] = fuse(source[c + k]!, a / 255, sample, k) + 0.5;
				else if (sample[3]! > 1e-3) data[c + k] = sample[k]! / sample[3]! + 0.5;
			}
			data[c + 3] = a;
		});
		return { width, height, data };
	};
}

/** One colour channel of the target: its blurred colour, corrected so that the pixel comes out as it was seen. */
function fuse(seen: number, a: number, sample: Float32Array, channel: number): number {
	const target = sample[3]! > 1e-3 ? sample[channel]! / sample[3]! : seen;
	const rest = sample[7]! > 1e-3 ? sample[4 + channel]! / sample[7]! : seen;
	const value = target + a * (seen - a * target - (1 - a) * rest);
	return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Copies the pixels of the target's inside. */
function copyOpaque(data: Uint8Array, source: Frame['data'], opacity: Alpha['data']): void {
	for (let start = opacity.indexOf(255); start >= 0;) {
		let end = start + 1;
		while (end < opacity.length && opacity[end] === 255) end++;
		data.set(source.subarray(4 * start, 4 * end), 4 * start);
		for (let i = start; i < end; i++) data[4 * i + 3] = 255;
		start = opacity.indexOf(255, end);
	}
}

/** Marks the tiles that hold pixels between 0 and 255 and their neighbours, and tells what rectangle they fill. */
function markEdges(
	alpha: Alpha,
	across: number,
	down: number
): { marks: Uint8Array; around: Tiles | undefined } {
	const { width, height, data } = alpha;
	const edges = new Uint8Array(across * down);
	for (let y = 0, i = 0; y < height; y++) {
		const row = Math.floor(y / TILE) * across;
		for (let x = 0; x < width; x++, i++) {
			const a = data[i]!;
			if (a !== 0 && a !== 255) edges[row + (x >> TILE_SHIFT)] = 1;
		}
	}
	const marks = new Uint8Array(across * down);
	let [left, top, right, bottom] = [across, down, 0, 0];
	for (let y = 0, i = 0; y < down; y++) {
		for (let x = 0; x < across; x++, i++) {
			if (!edges[i]) continue;
			const tile = widen({ left: x, top: y, right: x + 1, bottom: y + 1 }, 1, across, down);
			for (let v = tile.top; v < tile.bottom; v++)
				marks.fill(1, v * across + tile.left, v * across + tile.right);
			left = Math.min(left, tile.left);
			top = Math.min(top, tile.top);
			right = Math.max(right, tile.right);
			bottom = Math.max(bottom, tile.bottom);
		}
	}
	return { marks, around: right > 0 ? { left, top, right, bottom } : undefined };
}

function widen({ left, top, right, bottom }: Tiles, by: number, across: number, down: number): Tiles {
	return {
		left: Math.max(0, left - by),
		top: Math.max(0, top - by),
		right: Math.min(across, right + by),
		bottom: Math.min(down, bottom + by)
	};
}

function forEachMarked(
	marks: Uint8Array,
	{ left, top, right, bottom }: Tiles,
	across: number,
	width: number,
	height: number,
	visit: (x: number, y: number, pixel: number) => void
): void {
	for (let tileY = top; tileY < bottom; tileY++) {
		const y1 = Math.min(height, (tileY + 1) * TILE);
		for (let tileX = left; tileX < right; tileX++) {
			if (!marks[tileY * across + tileX]) continue;
			const x1 = Math.min(width, (tileX + 1) * TILE);
			for (let y = tileY * TILE; y < y1; y++) {
				for (let x = tileX * TILE; x < x1; x++) visit(x, y, y * width + x);
			}
		}
	}
}

/**
 * Sums of 8 values over cells of a part of the picture, which are then blurred: the target's colour by its alpha, alpha, the
 * background's colour by 1 - alpha, 1 - alpha. Its memory is kept for the next picture.
 */
class BlurGrid {
	x0 = 0;
	y0 = 0;
	x1 = 0;
	y1 = 0;
	private width = 0;
	private height = 0;
	private cells = new Float32Array(0);
	private rows = new Float32Array(0);

	/** Each cell has a side of 2 to the power of `shift` pixels. */
	constructor(private readonly shift: number) {}

	/** Empties the grid and lays it over a rectangle of tiles. */
	reset(tiles: Tiles, width: number, height: number): void {
		this.x0 = tiles.left * TILE;
		this.y0 = tiles.top * TILE;
		this.x1 = Math.min(width, tiles.right * TILE);
		this.y1 = Math.min(height, tiles.bottom * TILE);
		this.width = Math.ceil((this.x1 - this.x0) / 2 ** this.shift);
		this.height = Math.ceil((this.y1 - this.y0) / 2 ** this.shift);
		const length = 8 * this.width * this.height;
		if (this.cells.length < length) {
			this.cells = new Float32Array(length);
			this.rows = new Float32Array(length);
		} else this.cells.fill(0, 0, length);
	}

	add(
		x: number,
		y: number,
		fr: number,
		fg: number,
		fb: number,
		a: number,
		br: number,
		bg: number,
		bb: number
	): void {
		const { cells, shift } = this;
		const i = 8 * (((y - this.y0) >> shift) * this.width + ((x - this.x0) >> shift));
		cells[i]! += fr;
		cells[i + 1]! += fg;
		cells[i + 2]! += fb;
		cells[i + 3]! += a;
		cells[i + 4]! += br;
		cells[i + 5]! += bg;
		cells[i + 6]! += bb;
		cells[i + 7]! += 1 - a;
	}

	/** Box blur by running sums, along the rows and then along the columns. */
	blur(radius: number): void {
		const { width, height, cells, rows } = this;
		runningSums(cells, rows, height, 8 * width, width, 8, radius);
		runningSums(rows, cells, width, 8, height, 8 * width, radius);
	}

	/** The 8 values at a pixel, interpolated. */
	at(x: number, y: number, into: Float32Array): void {
		const { width, height, cells } = this;
		const side = 1 << this.shift;
		const u = Math.min(width - 1, Math.max(0, (x + 0.5 - this.x0) / side - 0.5));
		const v = Math.min(height - 1, Math.max(0, (y + 0.5 - this.y0) / side - 0.5));
		const left = Math.floor(u);
		const top = Math.floor(v);
		const p = u - left;
		const q = v - top;
		const i = 8 * (top * width + left);
		const right = left + 1 < width ? 8 : 0;
		const below = top + 1 < height ? 8 * width : 0;
		for (let k = i; k < i + 8; k++) {
			const upper = cells[k]! + p * (cells[k + right]! - cells[k]!);
			const lower = cells[k + below]! + p * (cells[k + below + right]! - cells[k + below]!);
			into[k - i] = upper + q * (lower - upper);
		}
	}
}

/** Sums of each window of `2·radius + 1` cells of 8 values along `lines` lines of `length` cells. */
function runningSums(
	from: Float32Array,
	into: Float32Array,
	lines: number,
	lineStep: number,
	length: number,
	step: number,
	radius: number
): void {
	for (let line = 0; line < lines; line++) {
		for (let k = 0; k < 8; k++) {
			const start = line * lineStep + k;
			let sum = 0;
			for (let n = 0; n < Math.min(radius, length); n++) sum += from[start + n * step]!;
			for (let n = 0; n < length; n++) {
				if (n + radius < length) sum += from[start + (n + radius) * step]!;
				if (n - radius - 1 >= 0) sum -= from[start + (n - radius - 1) * step]!;
				into[start + n * step] = sum;
			}
		}
	}
}
