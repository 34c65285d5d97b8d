import { Tensor } from 'onnxruntime-common';
import type { Frame } from '../frame.ts';
import type { Sam3Networks } from './networks.ts';

/** What the vision encoder sees in a frame: three levels each for what is found by words and examples, and for clicks and tracking. */
export interface FrameFeatures {
	/** det_0, det_1, det_2. @throws Error when they were not asked for */
	readonly det: Levels;
	/** trk_0, trk_1, trk_2. @throws Error when they were not asked for */
	readonly trk: Levels;
	/** Gives their memory back, on the GPU too. */
	dispose(): void;
}

/** Maps at a quarter, half and whole of the patch. */
export type Levels = readonly [Tensor, Tensor, Tensor];

/** Which halves are wanted; both when left out. */
export interface Halves {
	readonly detector?: boolean;
	readonly tracker?: boolean;
}

/**
 * Looks at a frame once, for all that is asked about it later.
 * @param pixels [3, S, S], as `preprocess` makes them
 * @param size S
 */
export async function encodePixels(
	{ vision }: Pick<Sam3Networks, 'vision'>,
	pixels: Float32Array,
	size: number,
	{ detector = true, tracker = true }: Halves = {}
): Promise<FrameFeatures> {
	const names = (half: string, wanted: boolean) => (wanted ? [0, 1, 2].map((i) => `${half}_${i}`) : []);
	const fetches = [...names('det', detector), ...names('trk', tracker)];
	const found = await vision.run({ pixels: new Tensor('float32', pixels, [1, 3, size, size]) }, fetches);
	const levels = (half: string): Levels => {
		const [first, second, third] = [0, 1, 2].map((i) => found[`${half}_${i}`]);
		if (!first || !second || !third) throw new Error(`${half} was not asked of the vision encoder`);
		return [first, second, third];
	};
	return {
		get det() {
			return levels('det');
		},
		get trk() {
			return levels('trk');
		},
		dispose() {
			for (const tensor of Object.values(found)) tensor.dispose();
		}
	};
}

/**
 * A frame as the vision encoder takes it: stretched to a square, bilinear and antialiased as PyTorch's `interpolate(antialias=True)`
 * (Pillow's bilinear filter), its colours from -1 to 1.
 * @param size width and height in pixels
 * @returns [3, size, size]
 */
export function preprocess(frame: Frame, size: number): Float32Array {
	const { width, height, data } = frame;
	const columns = taps(width, size);
	const rows = taps(height, size);
	const plane = size * size;
	const result = new Float32Array(3 * plane).fill(-1);

	// One row of the frame at a time, narrowed, is added to all rows of the result that it touches.
	const narrow = new Float32Array(3 * size);
	let first = 0;
	for (let y = 0; y < height; y++) {
		narrowRow(data, 4 * y * width, columns, narrow);
		while (first < size && rows.start[first]! + rows.count <= y) first++;
		for (let row = first; row < size && rows.start[row]! <= y; row++) {
			const weight = (rows.weights[row * rows.count + y - rows.start[row]!]! * 2) / 255;
			if (weight === 0) continue;
			for (let channel = 0; channel < 3; channel++) {
				const from = channel * size;
				const to = channel * plane + row * size;
				for (let x = 0; x < size; x++) result[to + x]! += weight * narrow[from + x]!;
			}
		}
	}
	return result;
}

/** @param narrow gets the row's reds, then its greens, then its blues */
function narrowRow(
	data: Frame['data'],
	offset: number,
	{ start, count, weights }: Taps,
	narrow: Float32Array
) {
	const size = start.length;
	for (let x = 0, tap = 0; x < size; x++) {
		let [r, g, b] = [0, 0, 0];
		for (let i = offset + 4 * start[x]!, end = i + 4 * count; i < end; i += 4, tap++) {
			const weight = weights[tap]!;
			r += weight * data[i]!;
			g += weight * data[i + 1]!;
			b += weight * data[i + 2]!;
		}
		narrow[x] = r;
		narrow[size + x] = g;
		narrow[2 * size + x] = b;
	}
}

/** From which places of one axis each place of the other is made: `count` of them from `start` on, by `weights` that sum to 1. */
interface Taps {
	readonly start: Int32Array;
	readonly count: number;
	readonly weights: Float32Array;
}

/** A triangle around each place, as wide as two places of the coarser axis (aten/src/ATen/native/cpu/UpSampleKernel.cpp). */
function taps(from: number, to: number): Taps {
	const scale = from / to;
	const reach = Math.max(scale, 1);
	const count = Math.min(from, Math.ceil(2 * reach) + 1);
	const start = new Int32Array(to);
	const weights = new Float32Array(to * count);
	for (let i = 0; i < to; i++) {
		const centre = scale * (i + 0.5);
		const begin = Math.max(0, Math.min(Math.floor(centre - reach + 0.5), from - count));
		start[i] = begin;
		const row = weights.subarray(i * count, (i + 1) * count);
		let sum = 0;
		for (let k = 0; k < count; k++) {
			row[k] = Math.max(0, 1 - Math.abs(begin + k + 0.5 - centre) / reach);
			sum += row[k]!;
		}
		for (let k = 0; k < count; k++) row[k]! /= sum;
	}
	return { start, count, weights };
}
