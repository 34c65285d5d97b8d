/** A box by its centre, width and height, as parts of the picture: 0 to 1. */
export type NormalisedBox = readonly [x: number, y: number, width: number, height: number];

/** By how much the rows and columns of a map count in the rows and columns that boxes are pooled to: each [N, size, grid], row-major. */
export interface RoiWeights {
	readonly y: Float32Array;
	readonly x: Float32Array;
}

/**
 * RoIAlign (He et al., 2017) as two matrices for each box: what is pooled at (i, j) is the sum of y[n, i, ·] · map · x[n, j, ·]. Bins hold
 * as many samples as there are cells of the map in them (torchvision, `roi_align` with `sampling_ratio=-1` and `aligned=False`).
 * @param grid side of the map
 * @param size rows and columns to pool to
 */
export function roiWeights(boxes: readonly NormalisedBox[], grid: number, size: number): RoiWeights {
	const y = new Float32Array(boxes.length * size * grid);
	const x = y.slice();
	for (const [n, [centreX, centreY, width, height]] of boxes.entries()) {
		const at = (weights: Float32Array) => weights.subarray(n * size * grid, (n + 1) * size * grid);
		alongAxis(at(y), (centreY - height / 2) * grid, (centreY + height / 2) * grid, grid, size);
		alongAxis(at(x), (centreX - width / 2) * grid, (centreX + width / 2) * grid, grid, size);
	}
	return { y, x };
}

function alongAxis(weights: Float32Array, start: number, end: number, grid: number, size: number): void {
	const length = Math.max(end - start, 1);
	const samples = Math.ceil(length / size);
	for (let i = 0; i < size; i++) {
		const row = weights.subarray(i * grid, (i + 1) * grid);
		for (let s = 0; s < samples; s++) {
			const place = start + ((i + (s + 0.5) / samples) * length) / size;
			// One cell beyond the border still counts as the border; what is farther counts for nothing.
			if (place < -1 || place > grid) continue;
			const inside = Math.min(Math.max(place, 0), grid - 1);
			const first = Math.floor(inside);
			row[first]! += (1 - (inside - first)) / samples;
			if (first + 1 < grid) row[first + 1]! += (inside - first) / samples;
		}
	}
}
