import type { Size } from './frame.ts';

/**
 * Brings values to another size, bilinearly, centres of pixels on centres; where they shrink, every pixel that is covered counts (PyTorch's
 * `bilinear` interpolation with `antialias=True`).
 * @param values row by row, `from.width * from.height`
 */
export function resizeAntialiased(values: ArrayLike<number>, from: Size, to: Size): Float32Array {
	const columns = triangles(from.width, to.width);
	const rows = triangles(from.height, to.height);
	const narrow = new Float32Array(from.height * to.width);
	for (let y = 0, out = 0; y < from.height; y++) {
		for (const { first, weights } of columns) {
			let sum = 0;
			for (let i = 0, at = y * from.width + first; i < weights.length; i++)
				sum += weights[i]! * values[at + i]!;
			narrow[out++] = sum;
		}
	}
	const resized = new Float32Array(to.width * to.height);
	for (const [y, { first, weights }] of rows.entries()) {
		const row = resized.subarray(y * to.width, (y + 1) * to.width);
		for (let i = 0; i < weights.length; i++) {
			const at = (first + i) * to.width;
			for (let x = 0; x < row.length; x++) row[x]! += weights[i]! * narrow[at + x]!;
		}
	}
	return resized;
}

/** The values that one result is made of: from the first on, in these shares, which add up to 1. */
export interface Triangle {
	readonly first: number;
	readonly weights: Float64Array;
}

/** What each of `to` places of an axis is made of, of `from` places. */
export function triangles(from: number, to: number): Triangle[] {
	const scale = from / to;
	const reach = Math.max(scale, 1);
	return Array.from({ length: to }, (_, i) => {
		const centre = (i + 0.5) * scale;
		const first = Math.max(Math.trunc(centre - reach + 0.5), 0);
		const end = Math.min(Math.trunc(centre + reach + 0.5), from);
		const weights = Float64Array.from({ length: end - first }, (_, j) =>
			Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / reach)
		);
		const sum = weights.reduce((total, weight) => total + weight, 0);
		return { first, weights: weights.map((weight) => weight / sum) };
	});
}
