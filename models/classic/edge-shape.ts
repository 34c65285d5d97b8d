import type { Frame, Size } from '../frame.ts';
import type { Rect } from './opencv.ts';

const REACH = 3;
const CELL = 8;
/** Shares of the colour step across the whole band that are found within a few pixels: of a blurred edge and less, of a sharp one and more. */
const BLURRED = 0.45;
const SHARP = 0.8;
/** The same for edges that are surely gradual, and for those that surely are not. */
const GRADUAL = 0.1;
const SUDDEN = 0.6;

/** How the picture changes along the nearest edge of a mask, smooth over the region. */
export class EdgeShape {
	/** The largest value of `gradual` anywhere. */
	readonly mostGradual: number;

	constructor(
		private readonly across: number,
		private readonly down: number,
		private readonly sharpnessOf: Float32Array,
		private readonly gradualOf: Float32Array
	) {
		this.mostGradual = 0;
		for (const value of gradualOf) this.mostGradual = Math.max(this.mostGradual, value);
	}

	/** 1 where the colour changes within a few pixels, 0 where it takes half of the band or more. */
	sharpness(x: number, y: number): number {
		return interpolate(this.sharpnessOf, this.across, this.down, x, y);
	}

	/** 1 where the picture is so smooth that the change reaches beyond the band, else 0. */
	gradual(x: number, y: number): number {
		return interpolate(this.gradualOf, this.across, this.down, x, y);
	}
}

/**
 * Tells how sharp the picture is along a mask's edge: sharp as drawn, blurred (by motion, by defocus), or so gradual that the band along
 * it holds only a part of the change (a veil, a shadow).
 * @param distance how far inside the edge each pixel of the region lies
 * @param contrast colour distance between the target and the background around places of the region, on any grid
 */
export function edgeShape(
	frame: Frame,
	region: Rect,
	distance: Float32Array,
	contrast: Size & { readonly data: Float32Array }
): EdgeShape {
	const across = Math.ceil(region.width / CELL);
	const down = Math.ceil(region.height / CELL);
	const near = new Float32Array(across * down);
	const far = new Float32Array(across * down);
	const varied = new Float32Array(across * down);
	for (let y = REACH; y < region.height - REACH; y++) {
		// Every second pixel of the edge is enough.
		for (let x = REACH + (y & 1); x < region.width - REACH; x += 2) {
			const d = distance[y * region.width + x]!;
			if (d >= 1.5 || d <= -1.5) continue;
			const cell = Math.floor(y / CELL) * across + Math.floor(x / CELL);
			near[cell]! += nearContrast(frame, region, distance, x, y);
			varied[cell]! += variation(frame, region, x, y);
			const row = Math.floor((y * contrast.height) / region.height) * contrast.width;
			far[cell]! += contrast.data[row + Math.floor((x * contrast.width) / region.width)]!;
		}
	}
	const sharpness = ratio(sumAround(near, across, down, 1), sumAround(far, across, down, 1));
	spreadNearest(sharpness, across, down);
	// Fine detail such as hair also changes little across the edge on average, but much from pixel to pixel.
	const change = sumAround(near, across, down, 2);
	const variety = sumAround(varied, across, down, 2);
	for (let i = 0; i < change.length; i++) change[i] = Math.max(change[i]!, variety[i]!);
	const gradual = ratio(change, sumAround(far, across, down, 2));
	for (let i = 0; i < gradual.length; i++) if (far[i] === 0) gradual[i] = NaN;
	spreadNearest(gradual, across, down);
	for (let i = 0; i < sharpness.length; i++) {
		sharpness[i] = Number.isNaN(sharpness[i]!)
			? 1
			: smoothstep((sharpness[i]! - BLURRED) / (SHARP - BLURRED));
		gradual[i] = Number.isNaN(gradual[i]!) ? 0 : 1 - smoothstep((gradual[i]! - GRADUAL) / (SUDDEN - GRADUAL));
	}
	return new EdgeShape(across, down, sharpness, gradual);
}

/** Quotients; NaN where the divisor is 0. */
function ratio(part: Float32Array, whole: Float32Array): Float32Array {
	const quotients = new Float32Array(part.length);
	for (let i = 0; i < quotients.length; i++) quotients[i] = part[i]! / (whole[i]! || NaN);
	return quotients;
}

/** Sums over each cell and those up to `reach` away. */
function sumAround(values: Float32Array, across: number, down: number, reach: number): Float32Array {
	const sums = new Float32Array(values.length);
	for (let y = 0, i = 0; y < down; y++) {
		for (let x = 0; x < across; x++, i++) {
			for (let v = Math.max(0, y - reach); v <= Math.min(down - 1, y + reach); v++) {
				for (let u = Math.max(0, x - reach); u <= Math.min(across - 1, x + reach); u++)
					sums[i]! += values[v * across + u]!;
			}
		}
	}
	return sums;
}

/** Gives cells of NaN the value of the nearest one that has any (chamfer distance, two scans). */
function spreadNearest(values: Float32Array, across: number, down: number): void {
	const steps = new Float32Array(values.length);
	for (let i = 0; i < steps.length; i++) steps[i] = Number.isNaN(values[i]!) ? Infinity : 0;
	for (let y = 0, i = 0; y < down; y++) {
		for (let x = 0; x < across; x++, i++) {
			if (x > 0) take(values, steps, i, i - 1, 3);
			if (y === 0) continue;
			take(values, steps, i, i - across, 3);
			if (x > 0) take(values, steps, i, i - across - 1, 4);
			if (x < across - 1) take(values, steps, i, i - across + 1, 4);
		}
	}
	for (let y = down - 1, i = values.length - 1; y >= 0; y--) {
		for (let x = across - 1; x >= 0; x--, i--) {
			if (x < across - 1) take(values, steps, i, i + 1, 3);
			if (y === down - 1) continue;
			take(values, steps, i, i + across, 3);
			if (x < across - 1) take(values, steps, i, i + across + 1, 4);
			if (x > 0) take(values, steps, i, i + across - 1, 4);
		}
	}
}

/** Gives a cell the value of another that is `cost` away, if none nearer is known. */
function take(values: Float32Array, steps: Float32Array, i: number, from: number, cost: number): void {
	if (steps[from]! + cost >= steps[i]!) return;
	steps[i] = steps[from]! + cost;
	values[i] = values[from]!;
}

/** The value of a grid of cells at a pixel. */
function interpolate(values: Float32Array, across: number, down: number, x: number, y: number): number {
	const u = Math.min(across - 1, Math.max(0, (x + 0.5) / CELL - 0.5));
	const v = Math.min(down - 1, Math.max(0, (y + 0.5) / CELL - 0.5));
	const left = Math.floor(u);
	const top = Math.floor(v);
	const i = top * across + left;
	const right = left < across - 1 ? 1 : 0;
	const below = top < down - 1 ? across : 0;
	const upper = values[i]! + (u - left) * (values[i + right]! - values[i]!);
	const lower = values[i + below]! + (u - left) * (values[i + below + right]! - values[i + below]!);
	return upper + (v - top) * (lower - upper);
}

/** Colour distance between the two sides of the edge within a few pixels. */
function nearContrast(frame: Frame, region: Rect, distance: Float32Array, x: number, y: number): number {
	const { data, width } = frame;
	let [targets, tr, tg, tb] = [0, 0, 0, 0];
	let [rests, rr, rg, rb] = [0, 0, 0, 0];
	for (let v = y - REACH; v <= y + REACH; v++) {
		let i = v * region.width + x - REACH;
		let c = 4 * ((region.y + v) * width + region.x + x - REACH);
		for (const end = i + 2 * REACH; i <= end; i++, c += 4) {
			const d = distance[i]!;
			if (d > 1) {
				targets++;
				tr += data[c]!;
				tg += data[c + 1]!;
				tb += data[c + 2]!;
			} else if (d < -1) {
				rests++;
				rr += data[c]!;
				rg += data[c + 1]!;
				rb += data[c + 2]!;
			}
		}
	}
	if (targets === 0 || rests === 0) return 0;
	return Math.hypot(tr / targets - rr / rests, tg / targets - rg / rests, tb / targets - rb / rests);
}

/** Twice the standard deviation of the colours around a pixel; of a step between two colours that is their distance. */
function variation(frame: Frame, region: Rect, x: number, y: number): number {
	const { data, width } = frame;
	let [r, g, b, squares] = [0, 0, 0, 0];
	for (let v = y - REACH; v <= y + REACH; v++) {
		let c = 4 * ((region.y + v) * width + region.x + x - REACH);
		for (const end = c + 8 * REACH; c <= end; c += 4) {
			r += data[c]!;
			g += data[c + 1]!;
			b += data[c + 2]!;
			squares += data[c]! * data[c]! + data[c + 1]! * data[c + 1]! + data[c + 2]! * data[c + 2]!;
		}
	}
	const count = (2 * REACH + 1) ** 2;
	return 2 * Math.sqrt(Math.max(0, squares / count - (r * r + g * g + b * b) / (count * count)));
}

function smoothstep(value: number): number {
	const t = Math.max(0, Math.min(1, value));
	return t * t * (3 - 2 * t);
}
