import { Tensor } from 'onnxruntime-common';
import type { Frame } from '../frame.ts';
import { triangles, type Triangle } from '../antialias.ts';
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
	const columns = triangles(width, size);
	const rows = triangles(height, size);
	const plane = size * size;
	const result = new Float32Array(3 * plane).fill(-1);

	// One row of the frame at a time, narrowed, is added to all rows of the result that it touches.
	const narrow = new Float32Array(3 * size);
	let begun = 0;
	for (let y = 0; y < height; y++) {
		narrowRow(data, 4 * y * width, columns, narrow);
		while (begun < size && rows[begun]!.first + rows[begun]!.weights.length <= y) begun++;
		for (let row = begun; row < size && rows[row]!.first <= y; row++) {
			const { first, weights } = rows[row]!;
			const weight = (2 / 255) * weights[y - first]!;
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
	columns: readonly Triangle[],
	narrow: Float32Array
): void {
	const size = columns.length;
	for (let x = 0; x < size; x++) {
		const { first, weights } = columns[x]!;
		let [r, g, b] = [0, 0, 0];
		for (let k = 0, i = offset + 4 * first; k < weights.length; k++, i += 4) {
			const weight = weights[k]!;
			r += weight * data[i]!;
			g += weight * data[i + 1]!;
			b += weight * data[i + 2]!;
		}
		narrow[x] = r;
		narrow[size + x] = g;
		narrow[2 * size + x] = b;
	}
}
