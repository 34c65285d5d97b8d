import type { Size } from '../frame.ts';
import { floats, scoped, type OpenCv, type Rect } from './opencv.ts';

/** A picture to be fitted: what is to be explained by its colours, and how much each pixel counts. */
export interface Fit extends Size {
	/** RGBA, the fourth byte is not looked at. */
	readonly rgba: Uint8Array;
	/** 0 to 1. */
	readonly target: Float32Array;
	/** Not negative. */
	readonly weight: Float32Array;
}

// Means that the fit needs: weight, w·rgb, w·target, w·target·rgb, the six products w·rgb·rgb, and w·target².
const CHANNELS = 15;
// Numbers of a model: ar, ag, ab, c, and the share of the target's variance that it explains.
const MODEL = 5;
/** Rows that are fitted at a time: few enough for a processor's cache, and each only where it has to be. */
const STRIP = 32;

/**
 * The colour guided filter (He, Sun, Tang 2010) with weights: around each pixel, the linear model `ar·r + ag·g + ab·b + c` (colours 0
 * to 1) that explains the target best, averaged over the windows that hold the pixel.
 * @param radius of the windows, in pixels
 * @param epsilon variance of colour (0 to 1 squared) below which the model turns flat
 * @returns 5 numbers for each pixel: ar, ag, ab, c, and the share of the target's variance that the model explains, 0 to 1
 */
export function fitLinearModels(cv: OpenCv, fit: Fit, radius: number, epsilon: number): Float32Array {
	const { width, height } = fit;
	const result = new Float32Array(MODEL * width * height);
	for (let top = 0; top < height; top += STRIP) {
		const bottom = Math.min(height, top + STRIP);
		// A model is an average over windows, which see windows of pixels.
		const above = Math.max(0, top - 2 * radius);
		const below = Math.min(height, bottom + 2 * radius);
		for (const { start, end } of weighedSpans(fit, above, below, 6 * radius)) {
			const left = Math.max(0, start - 3 * radius);
			const right = Math.min(width, end + 3 * radius);
			const part = { x: left, y: above, width: right - left, height: below - above };
			fitPart(cv, fit, part, radius, epsilon, (models) => {
				for (let y = top; y < bottom; y++) {
					const from = MODEL * (y - above) * part.width;
					result.set(models.subarray(from, from + MODEL * part.width), MODEL * (y * width + left));
				}
			});
		}
	}
	return result;
}

/** Spans of columns that hold all pixels of any weight of some rows; at least `gap` columns of none lie between two of them. */
function weighedSpans(
	{ width, weight }: Fit,
	top: number,
	bottom: number,
	gap: number
): { start: number; end: number }[] {
	const weighed = new Uint8Array(width);
	for (let y = top, i = top * width; y < bottom; y++)
		for (let x = 0; x < width; x++, i++) if (weight[i]! > 0) weighed[x] = 1;
	const spans: { start: number; end: number }[] = [];
	for (let start = weighed.indexOf(1); start >= 0;) {
		let end = start + 1;
		for (let x = end; x < Math.min(width, end + gap); x++) if (weighed[x]) end = x + 1;
		spans.push({ start, end });
		start = weighed.indexOf(1, end);
	}
	return spans;
}

/** Fits the models of a part of the picture; those within twice the radius of a border inside the picture are not to be used. */
function fitPart(
	cv: OpenCv,
	fit: Fit,
	part: Rect,
	radius: number,
	epsilon: number,
	use: (models: Float32Array) => void
): void {
	const window = new cv.Size(2 * radius + 1, 2 * radius + 1);
	scoped((keep) => {
		const products = keep(new cv.Mat(part.height, part.width, floats(cv, CHANNELS)));
		const means = keep(new cv.Mat(part.height, part.width, floats(cv, CHANNELS)));
		const models = keep(new cv.Mat(part.height, part.width, floats(cv, MODEL)));
		const averaged = keep(new cv.Mat(part.height, part.width, floats(cv, MODEL)));
		fillProducts(products.data32F, fit, part);
		cv.boxFilter(products, means, -1, window);
		solve(models.data32F, means.data32F, epsilon);
		cv.boxFilter(models, averaged, -1, window);
		use(averaged.data32F);
	});
}

function fillProducts(products: Float32Array, { width, rgba, target, weight }: Fit, part: Rect): void {
	let m = 0;
	for (let y = part.y; y < part.y + part.height; y++) {
		const row = y * width + part.x;
		for (let i = row; i < row + part.width; i++, m += CHANNELS) {
			const w = weight[i]!;
			if (w === 0) {
				for (let k = m; k < m + CHANNELS; k++) products[k] = 0;
				continue;
			}
			const r = rgba[4 * i]! / 255;
			const g = rgba[4 * i + 1]! / 255;
			const b = rgba[4 * i + 2]! / 255;
			const p = w * target[i]!;
			products[m] = w;
			products[m + 1] = w * r;
			products[m + 2] = w * g;
			products[m + 3] = w * b;
			products[m + 4] = p;
			products[m + 5] = p * r;
			products[m + 6] = p * g;
			products[m + 7] = p * b;
			products[m + 8] = w * r * r;
			products[m + 9] = w * r * g;
			products[m + 10] = w * r * b;
			products[m + 11] = w * g * g;
			products[m + 12] = w * g * b;
			products[m + 13] = w * b * b;
			products[m + 14] = p * target[i]!;
		}
	}
}

/** Solves the 3x3 normal equations of every window. */
function solve(models: Float32Array, means: Float32Array, epsilon: number): void {
	for (let o = 0, m = 0; o < models.length; o += MODEL, m += CHANNELS) {
		const w = means[m]!;
		if (w < 1e-6) {
			models.fill(0, o, o + MODEL);
			continue;
		}
		const s = 1 / w;
		const r = means[m + 1]! * s;
		const g = means[m + 2]! * s;
		const b = means[m + 3]! * s;
		const p = means[m + 4]! * s;
		const pr = means[m + 5]! * s - p * r;
		const pg = means[m + 6]! * s - p * g;
		const pb = means[m + 7]! * s - p * b;
		const rr = means[m + 8]! * s - r * r + epsilon;
		const rg = means[m + 9]! * s - r * g;
		const rb = means[m + 10]! * s - r * b;
		const gg = means[m + 11]! * s - g * g + epsilon;
		const gb = means[m + 12]! * s - g * b;
		const bb = means[m + 13]! * s - b * b + epsilon;
		const c0 = gg * bb - gb * gb;
		const c1 = gb * rb - rg * bb;
		const c2 = rg * gb - gg * rb;
		const inverse = 1 / (rr * c0 + rg * c1 + rb * c2);
		const ar = (c0 * pr + c1 * pg + c2 * pb) * inverse;
		const ag = (c1 * pr + (rr * bb - rb * rb) * pg + (rg * rb - rr * gb) * pb) * inverse;
		const ab = (c2 * pr + (rg * rb - rr * gb) * pg + (rr * gg - rg * rg) * pb) * inverse;
		models[o] = ar;
		models[o + 1] = ag;
		models[o + 2] = ab;
		models[o + 3] = p - ar * r - ag * g - ab * b;
		// Of an even target there is nothing to explain.
		const variance = means[m + 14]! * s - p * p;
		models[o + 4] = variance > 1e-5 ? Math.min(1, (ar * pr + ag * pg + ab * pb) / variance) : 1;
	}
}

/** Where a coordinate of a large grid falls on a small one: the two neighbours and the share of the second, for each coordinate. */
export interface Taps {
	readonly first: Int32Array;
	readonly second: Int32Array;
	readonly share: Float32Array;
}

/** Taps for bilinear sampling of `small` values at `large` places. */
export function makeTaps(large: number, small: number): Taps {
	const first = new Int32Array(large);
	const second = new Int32Array(large);
	const share = new Float32Array(large);
	for (let i = 0; i < large; i++) {
		const place = Math.min(small - 1, Math.max(0, ((i + 0.5) * small) / large - 0.5));
		first[i] = Math.floor(place);
		second[i] = Math.min(small - 1, first[i]! + 1);
		share[i] = place - first[i]!;
	}
	return { first, second, share };
}

/**
 * Samples the models bilinearly at a pixel of the large grid and applies them to its colour.
 * @param rgba colours, 0 to 255, of which the one at `offset` is taken
 * @param into receives what the model says, and how much of the variance it explains
 */
export function applyModels(
	models: Float32Array,
	width: number,
	across: Taps,
	down: Taps,
	x: number,
	y: number,
	rgba: ArrayLike<number>,
	offset: number,
	into: Float32Array
): void {
	const top = down.first[y]! * width;
	const bottom = down.second[y]! * width;
	const fy = down.share[y]!;
	const fx = across.share[x]!;
	const i00 = MODEL * (top + across.first[x]!);
	const i01 = MODEL * (top + across.second[x]!);
	const i10 = MODEL * (bottom + across.first[x]!);
	const i11 = MODEL * (bottom + across.second[x]!);
	const w11 = fx * fy;
	const w01 = fx - w11;
	const w10 = fy - w11;
	const w00 = 1 - fx - w10;
	let value = 0;
	for (let k = 0; k < 3; k++) {
		const slope =
			w00 * models[i00 + k]! + w01 * models[i01 + k]! + w10 * models[i10 + k]! + w11 * models[i11 + k]!;
		value += (slope * rgba[offset + k]!) / 255;
	}
	into[0] =
		value + w00 * models[i00 + 3]! + w01 * models[i01 + 3]! + w10 * models[i10 + 3]! + w11 * models[i11 + 3]!;
	into[1] = w00 * models[i00 + 4]! + w01 * models[i01 + 4]! + w10 * models[i10 + 4]! + w11 * models[i11 + 4]!;
}
