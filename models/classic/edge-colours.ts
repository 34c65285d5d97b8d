import type { Size } from '../frame.ts';
import { floats, scoped, type OpenCv } from './opencv.ts';

/** How much what the colours say counts in the fit, beside what is known for certain. */
const BAND_WEIGHT = 0.5;
/** Squared colour distances: of sensor noise, and from the line between the two colours at which a pixel is believed 0.37. */
const NOISE = 100;
const OFF_LINE = 600;
/** How much wider than the spread of colours on either side their distance must be. */
const SPREAD = 20;

// Sums for each pixel: rgb and count of the target, the same of the background, and the squares of both.
const CHANNELS = 10;
const REST = 4;

export interface Placed {
	/** What alpha seems to be, 0 to 1, and how much that counts. */
	readonly target: Float32Array;
	readonly weight: Float32Array;
}

/**
 * Colour distance between the target and the background around each pixel; 0 where it is not known.
 * @param depth how far inside the edge each pixel lies, in pixels of the source
 * @param radius half the width of the band, in pixels of the source
 * @param scale pixels here for one of the source
 */
export function contrastOfSides(
	cv: OpenCv,
	size: Size,
	rgba: Uint8Array,
	depth: Float32Array,
	radius: number,
	scale: number
): Float32Array {
	return averageSides(cv, size, rgba, depth, radius, scale, (m) => {
		const contrast = new Float32Array(depth.length);
		for (let i = 0, k = 0; i < contrast.length; i++, k += CHANNELS) {
			const [f, b] = [m[k + 3]!, m[k + REST + 3]!];
			if (f < 1e-4 || b < 1e-4) continue;
			contrast[i] = Math.hypot(
				m[k]! / f - m[k + REST]! / b,
				m[k + 1]! / f - m[k + REST + 1]! / b,
				m[k + 2]! / f - m[k + REST + 2]! / b
			);
		}
		return contrast;
	});
}

/**
 * Places every pixel of the band on the line between the mean colours of the target and of the background near it. The more the two
 * differ beyond their own spread, and the closer to the line the pixel is, the more this counts against what the mask says.
 * @param rgba colours, 4 bytes for each pixel
 * @param depth how far inside the edge each pixel lies, in pixels of the source
 * @param radius half the width of the band, in pixels of the source
 * @param scale pixels here for one of the source
 * @param drawn what the mask says of alpha, 0 to 1
 */
export function placeColours(
	cv: OpenCv,
	{ width, height }: Size,
	rgba: Uint8Array,
	depth: Float32Array,
	radius: number,
	scale: number,
	drawn: Float32Array
): Placed {
	const count = width * height;
	const target = new Float32Array(count);
	const weight = new Float32Array(count);
	return averageSides(cv, { width, height }, rgba, depth, radius, scale, (m) => {
		for (let i = 0, c = 0, k = 0; i < count; i++, c += 4, k += CHANNELS) {
			const d = depth[i]!;
			if (isKnown(d, radius)) {
				target[i] = d > 0 ? 1 : 0;
				weight[i] = Math.abs(d) < 3 * radius ? 1 : 0;
				continue;
			}
			target[i] = drawn[i]!;
			weight[i] = BAND_WEIGHT;
			if (m[k + 3]! < 1e-4 || m[k + 7]! < 1e-4) continue;

			const f = 1 / m[k + 3]!;
			const b = 1 / m[k + 7]!;
			const [tr, tg, tb] = [m[k]! * f, m[k + 1]! * f, m[k + 2]! * f];
			const [br, bg, bb] = [m[k + 4]! * b, m[k + 5]! * b, m[k + 6]! * b];
			const [lr, lg, lb] = [tr - br, tg - bg, tb - bb];
			const [pr, pg, pb] = [rgba[c]! - br, rgba[c + 1]! - bg, rgba[c + 2]! - bb];
			const length = lr * lr + lg * lg + lb * lb;
			const along = (lr * pr + lg * pg + lb * pb) / (length + 1);
			const off = (pr - along * lr) ** 2 + (pg - along * lg) ** 2 + (pb - along * lb) ** 2;
			const spread =
				Math.max(0, m[k + 8]! * f - tr * tr - tg * tg - tb * tb) +
				Math.max(0, m[k + 9]! * b - br * br - bg * bg - bb * bb);
			const trust = (length / (length + NOISE + SPREAD * spread)) * Math.exp(-off / OFF_LINE);
			target[i]! += trust * (Math.max(0, Math.min(1, along)) - drawn[i]!);
		}
		return { target, weight };
	});
}

/** Whether a pixel so deep surely belongs to one side. */
function isKnown(depth: number, radius: number): boolean {
	return depth >= 0.4 * radius || depth <= -0.6 * radius;
}

/** Averages the pixels that are known, and not far outside, in windows around each pixel; `use` gets the result. */
function averageSides<T>(
	cv: OpenCv,
	{ width, height }: Size,
	rgba: Uint8Array,
	depth: Float32Array,
	radius: number,
	scale: number,
	use: (means: Float32Array) => T
): T {
	return scoped((keep) => {
		const mat = keep(new cv.Mat(height, width, floats(cv, CHANNELS)));
		const means = keep(new cv.Mat());
		const sums = mat.data32F;
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
		const window = 2 * Math.max(1, Math.round(1.6 * radius * scale)) + 1;
		cv.boxFilter(mat, means, -1, new cv.Size(window, window));
		return use(means.data32F);
	});
}
