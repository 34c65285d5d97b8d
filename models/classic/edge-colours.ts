import type { Size } from '../frame.ts';
import { floats, scoped, type OpenCv } from './opencv.ts';

/** How much what the colours say counts in the fit, beside what is known for certain. */
const BAND_WEIGHT = 0.5;
/** Squared colour distances: of sensor noise, and from the line between the two colours at which a pixel is believed 0.37. */
const NOISE = 100;
const OFF_LINE = 600;
/** How much wider than the spread of colours on either side their distance must be. */
const SPREAD = 20;

/** How far from the edge pixels count in the fit, in radii of the band: as far as its windows reach. */
const FITTED = 1.6;

// Sums for each pixel: rgb and count of the target, the same of the background, and the squares of both.
const CHANNELS = 10;
const REST = 4;

export interface Placed {
	/** What alpha seems to be, 0 to 1, and how much that counts. */
	readonly target: Float32Array;
	readonly weight: Float32Array;
}

/** Colours near the band, and how far inside the edge each pixel lies, in pixels of the source. */
export interface Picture extends Size {
	/** 4 bytes for each pixel. */
	readonly rgba: Uint8Array;
	readonly depth: Float32Array;
}

/** What the target and the background look like around each pixel of a coarse grid; see `CHANNELS`. The means lie on OpenCV's heap. */
export interface Sides extends Size {
	readonly means: Float32Array;
}

/**
 * Averages the pixels that surely belong to one side, and are not far outside, in windows around each pixel.
 * @param radius half the width of the band, in pixels of the source
 * @param scale pixels here for one of the source
 * @param use gets the averages, which are gone when it returns
 * @returns what it returns
 */
export function averageSides<T>(
	cv: OpenCv,
	picture: Picture,
	radius: number,
	scale: number,
	use: (sides: Sides) => T
): T {
	const { width, height } = picture;
	return scoped((keep) => {
		const sums = keep(new cv.Mat(height, width, floats(cv, CHANNELS)));
		sumSides(sums.data32F, picture, radius);
		const means = keep(new cv.Mat());
		const window = 2 * Math.max(1, Math.round(1.6 * radius * scale)) + 1;
		cv.boxFilter(sums, means, -1, new cv.Size(window, window));
		return use({ width, height, means: means.data32F });
	});
}

function sumSides(sums: Float32Array, { rgba, depth }: Picture, radius: number): void {
	sums.fill(0);
	for (let i = 0, c = 0, k = 0; i < depth.length; i++, c += 4, k += CHANNELS) {
		const d = depth[i]!;
		if (!isKnown(d, radius) || d < -2.6 * radius) continue;
		const side = d > 0 ? 0 : REST;
		const r = rgba[c]!;
		const g = rgba[c + 1]!;
		const b = rgba[c + 2]!;
		sums[k + side] = r;
		sums[k + side + 1] = g;
		sums[k + side + 2] = b;
		sums[k + side + 3] = 1;
		sums[k + (side === 0 ? 8 : 9)] = r * r + g * g + b * b;
	}
}

/** Colour distance between the target and the background around each pixel; 0 where it is not known. */
export function contrastOf({ width, height, means: m }: Sides): Float32Array {
	const contrast = new Float32Array(width * height);
	for (let i = 0, k = 0; i < contrast.length; i++, k += CHANNELS) {
		const f = m[k + 3]!;
		const b = m[k + REST + 3]!;
		if (f < 1e-4 || b < 1e-4) continue;
		const r = m[k]! / f - m[k + REST]! / b;
		const g = m[k + 1]! / f - m[k + REST + 1]! / b;
		const l = m[k + 2]! / f - m[k + REST + 2]! / b;
		contrast[i] = Math.sqrt(r * r + g * g + l * l);
	}
	return contrast;
}

/**
 * Places every pixel of the band on the line between the mean colours of the target and of the background near it. The more the two
 * differ beyond their own spread, and the closer to the line the pixel is, the more this counts against what the mask says.
 * @param radius half the width of the band, in pixels of the source
 * @param drawn what the mask says of alpha, 0 to 1
 */
export function placeColours(picture: Picture, sides: Sides, radius: number, drawn: Float32Array): Placed {
	const { width, height, rgba, depth } = picture;
	const target = new Float32Array(width * height);
	const weight = new Float32Array(width * height);
	const m = sides.means;
	for (let y = 0, i = 0; y < height; y++) {
		const row = Math.floor(((y + 0.5) * sides.height) / height) * sides.width;
		for (let x = 0; x < width; x++, i++) {
			const d = depth[i]!;
			if (isKnown(d, radius)) {
				if (d > 0) target[i] = 1;
				if (Math.abs(d) < FITTED * radius) weight[i] = 1;
				continue;
			}
			const mask = drawn[i]!;
			target[i] = mask;
			weight[i] = BAND_WEIGHT;
			const k = CHANNELS * (row + Math.floor(((x + 0.5) * sides.width) / width));
			if (m[k + 3]! < 1e-4 || m[k + REST + 3]! < 1e-4) continue;

			const f = 1 / m[k + 3]!;
			const b = 1 / m[k + REST + 3]!;
			const tr = m[k]! * f;
			const tg = m[k + 1]! * f;
			const tb = m[k + 2]! * f;
			const br = m[k + REST]! * b;
			const bg = m[k + REST + 1]! * b;
			const bb = m[k + REST + 2]! * b;
			const lr = tr - br;
			const lg = tg - bg;
			const lb = tb - bb;
			const pr = rgba[4 * i]! - br;
			const pg = rgba[4 * i + 1]! - bg;
			const pb = rgba[4 * i + 2]! - bb;
			const length = lr * lr + lg * lg + lb * lb;
			const along = (lr * pr + lg * pg + lb * pb) / (length + 1);
			const off = (pr - along * lr) ** 2 + (pg - along * lg) ** 2 + (pb - along * lb) ** 2;
			const spread =
				Math.max(0, m[k + 8]! * f - tr * tr - tg * tg - tb * tb) +
				Math.max(0, m[k + 9]! * b - br * br - bg * bg - bb * bb);
			const trust = (length / (length + NOISE + SPREAD * spread)) * Math.exp(-off / OFF_LINE);
			target[i] = mask + trust * (Math.max(0, Math.min(1, along)) - mask);
		}
	}
	return { target, weight };
}

/** Whether a pixel so deep surely belongs to one side. */
function isKnown(depth: number, radius: number): boolean {
	return depth >= 0.4 * radius || depth <= -0.6 * radius;
}
