import type { Colour } from './colour.ts';
import type { Point } from './shapes.ts';

/** A colour for every place, in scene units; it should vary slowly against a pixel. */
export type Paint = Colour | ((x: number, y: number) => Colour);
/** An opacity from 0 to 1 for every place. */
export type Opacity = number | ((x: number, y: number) => number);

/** The part of the plane that a canvas shows, in scene units, and its size in pixels. */
export interface View {
	readonly left: number;
	readonly top: number;
	/** Pixels for one scene unit. */
	readonly scale: number;
	readonly width: number;
	readonly height: number;
}

/**
 * A transparent picture of `grid` x `grid` samples a pixel, painted over from back to front. A sample lies inside a shape or outside
 * of it; partial cover comes only from averaging samples.
 */
export class Canvas {
	/** Premultiplied 0xAARRGGBB. */
	readonly #samples: Uint32Array;
	readonly #columns: number;
	readonly #rows: number;
	readonly #scale: number;
	#offset: Point = [0, 0];
	/** Rows and columns of samples that were painted. */
	#dirty = { left: Infinity, top: Infinity, right: 0, bottom: 0 };

	constructor(
		readonly view: View,
		readonly grid: number
	) {
		this.#columns = view.width * grid;
		this.#rows = view.height * grid;
		this.#scale = view.scale * grid;
		this.#samples = new Uint32Array(this.#columns * this.#rows);
	}

	/** Shifts the samples by a part (0 to 1) of the distance between two of them, so that several passes sample other places. */
	jitter(x: number, y: number): void {
		this.#offset = [x, y];
	}

	/** Paints the inside of a closed outline (rule: non-zero winding). */
	fill(outline: readonly Point[], paint: Paint, opacity: Opacity = 1): void {
		const points = outline.map((point) => this.#toSamples(point));
		const first = Math.max(0, Math.ceil(Math.min(...points.map((p) => p[1]))));
		const last = Math.min(this.#rows - 1, Math.floor(Math.max(...points.map((p) => p[1]))));
		for (let row = first; row <= last; row++) {
			const crossings = this.#crossings(points, row);
			let winding = 0;
			for (let i = 0; i + 1 < crossings.length; i++) {
				winding += crossings[i]!.direction;
				if (winding !== 0) this.#span(row, crossings[i]!.x, crossings[i + 1]!.x, paint, opacity);
			}
		}
	}

	/** Paints a line along points with round ends, whose radius (scene units) goes evenly from `from` to `to`. */
	stroke(path: readonly Point[], from: number, to: number, paint: Paint): void {
		const points = path.map((point) => this.#toSamples(point));
		// Half a sample at least: a thinner line would fall apart into dots.
		const radius = (i: number) =>
			Math.max(0.5, (from + ((to - from) * i) / Math.max(1, points.length - 1)) * this.#scale);
		if (points.length === 1) this.#segment(points[0]!, points[0]!, radius(0), radius(0), paint);
		for (let i = 0; i + 1 < points.length; i++)
			this.#segment(points[i]!, points[i + 1]!, radius(i), radius(i + 1), paint);
	}

	/**
	 * Adds the mean of every pixel's samples to `sums` (premultiplied red, green, blue and alpha, each 0 to 255, a pixel's four beside one
	 * another) and makes the canvas transparent again.
	 */
	collect(sums: Float32Array): void {
		const { grid } = this;
		const { left, top, right, bottom } = this.#dirty;
		for (let y = Math.floor(top / grid); y * grid < bottom; y++) {
			for (let x = Math.floor(left / grid); x * grid < right; x++) {
				let a = 0;
				let r = 0;
				let g = 0;
				let b = 0;
				for (let row = y * grid; row < (y + 1) * grid; row++) {
					const start = row * this.#columns + x * grid;
					for (let i = start; i < start + grid; i++) {
						const sample = this.#samples[i]!;
						a += sample >>> 24;
						r += (sample >>> 16) & 255;
						g += (sample >>> 8) & 255;
						b += sample & 255;
					}
				}
				if (a === 0) continue;
				const pixel = (y * this.view.width + x) * 4;
				const weight = 1 / (grid * grid);
				sums[pixel] = sums[pixel]! + r * weight;
				sums[pixel + 1] = sums[pixel + 1]! + g * weight;
				sums[pixel + 2] = sums[pixel + 2]! + b * weight;
				sums[pixel + 3] = sums[pixel + 3]! + a * weight;
			}
		}
		if (bottom > top) this.#samples.fill(0, top * this.#columns, bottom * this.#columns);
		this.#dirty = { left: Infinity, top: Infinity, right: 0, bottom: 0 };
	}

	/** Sample (i, j) lies at the whole coordinates (i, j) of this system. */
	#toSamples([x, y]: Point): Point {
		return [
			(x - this.view.left) * this.#scale - 0.5 - this.#offset[0],
			(y - this.view.top) * this.#scale - 0.5 - this.#offset[1]
		];
	}

	/** Where a row crosses the outline, from left to right, and whether downwards (1) or upwards (-1). */
	#crossings(points: readonly Point[], row: number): { x: number; direction: number }[] {
		const crossings = [];
		let [x0, y0] = points.at(-1)!;
		for (const [x1, y1] of points) {
			if (y0 <= row !== y1 <= row)
				crossings.push({ x: x0 + ((row - y0) / (y1 - y0)) * (x1 - x0), direction: y0 < y1 ? 1 : -1 });
			[x0, y0] = [x1, y1];
		}
		return crossings.sort((a, b) => a.x - b.x);
	}

	#segment([x0, y0]: Point, [x1, y1]: Point, r0: number, r1: number, paint: Paint): void {
		const reach = Math.max(r0, r1);
		const first = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
		const last = Math.min(this.#rows - 1, Math.floor(Math.max(y0, y1) + reach));
		const axis = { x: x0, y: y0, dx: x1 - x0, dy: y1 - y0, radius: r0, growth: r1 - r0 };
		for (let row = first; row <= last; row++) {
			// The row's samples inside lie beside one another, about where the axis crosses the row.
			const t = axis.dy === 0 ? 0.5 : Math.min(1, Math.max(0, (row - y0) / axis.dy));
			const middle = Math.round(x0 + t * axis.dx);
			if (!within(axis, middle, row)) continue;
			let from = middle;
			while (from > 0 && within(axis, from - 1, row)) from--;
			let to = middle + 1;
			while (to < this.#columns && within(axis, to, row)) to++;
			this.#span(row, from, to, paint, 1);
		}
	}

	/** Paints the samples of a row from `from` on that lie before `to`. */
	#span(row: number, from: number, to: number, paint: Paint, opacity: Opacity): void {
		const first = Math.max(0, Math.ceil(from));
		const end = Math.min(this.#columns, Math.ceil(to));
		if (first >= end) return;
		const start = row * this.#columns;
		if (typeof paint === 'number' && opacity === 1) {
			const sample = (paint | 0xff000000) >>> 0;
			for (let i = start + first; i < start + end; i++) this.#samples[i] = sample;
		} else {
			const y = (row + 0.5) / this.#scale + this.view.top;
			let colour = 0;
			let cover = 0;
			for (let column = first; column < end; column++) {
				if (column === first || column % this.grid === 0) {
					const x = (column + 0.5) / this.#scale + this.view.left;
					colour = typeof paint === 'number' ? paint : paint(x, y);
					cover = typeof opacity === 'number' ? opacity : opacity(x, y);
				}
				this.#samples[start + column] = over(colour, cover, this.#samples[start + column]!);
			}
		}
		const dirty = this.#dirty;
		dirty.left = Math.min(dirty.left, first);
		dirty.right = Math.max(dirty.right, end);
		dirty.top = Math.min(dirty.top, row);
		dirty.bottom = Math.max(dirty.bottom, row + 1);
	}
}

/** A piece of a line: its axis and its radius, which changes along it. */
interface Piece {
	x: number;
	y: number;
	dx: number;
	dy: number;
	radius: number;
	growth: number;
}

/** Whether a place lies on a piece of a line with round ends. */
function within(piece: Piece, x: number, y: number): boolean {
	const { dx, dy } = piece;
	const u = x - piece.x;
	const v = y - piece.y;
	const t = Math.min(1, Math.max(0, (u * dx + v * dy) / (dx * dx + dy * dy + 1e-9)));
	const radius = piece.radius + piece.growth * t;
	return (u - t * dx) ** 2 + (v - t * dy) ** 2 <= radius * radius;
}

/** A colour of some opacity laid over a premultiplied sample. */
function over(colour: Colour, opacity: number, below: number): number {
	if (opacity >= 1) return (colour | 0xff000000) >>> 0;
	const rest = 1 - opacity;
	const a = Math.round(255 * opacity + (below >>> 24) * rest);
	const r = Math.round(((colour >>> 16) & 255) * opacity + ((below >>> 16) & 255) * rest);
	const g = Math.round(((colour >>> 8) & 255) * opacity + ((below >>> 8) & 255) * rest);
	const b = Math.round((colour & 255) * opacity + (below & 255) * rest);
	return ((a << 24) | (r << 16) | (g << 8) | b) >>> 0;
}
