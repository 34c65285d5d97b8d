import type { Value } from '../../onnx/graph.ts';
import { affine } from '../../onnx/layers.ts';
import { matmul } from '../../onnx/operators/index.ts';

/**
 * Square maps at another size, bilinearly, as PyTorch's `interpolate` with `align_corners=False`; several sizes are taken one after the
 * other. Each side is one product with a matrix, so the number of maps may be open and any size will do.
 * @param x [B, C, side, side], float32
 * @returns [B, C, last, last]
 */
export function resizeSquare(x: Value, ...sizes: readonly number[]): Value {
	const side = x.shape[3] as number;
	let from = side;
	let weights = identity(side);
	for (const size of sizes) {
		weights = interpolated(weights, from, size);
		from = size;
	}
	const matrix = x.graph.constant(Float32Array.from(weights), [from, side]);
	return affine(matmul(matrix, x), matrix);
}

function identity(side: number): Float64Array {
	return Float64Array.from({ length: side * side }, (_, i) => Number(i % (side + 1) === 0));
}

/** Rows of a matrix, enlarged or reduced from one count to another. */
function interpolated(rows: Float64Array, from: number, to: number): Float64Array {
	const columns = rows.length / from;
	const result = new Float64Array(to * columns);
	// In float32 as there: where a mask is cut at 0 afterwards, the last bit decides.
	const scale = Math.fround(from / to);
	for (let i = 0; i < to; i++) {
		const place = Math.max(0, Math.fround(Math.fround(scale * (i + 0.5)) - 0.5));
		const first = Math.floor(place);
		const second = Math.min(first + 1, from - 1);
		for (let j = 0; j < columns; j++) {
			const a = rows[first * columns + j]!;
			result[i * columns + j] = a + (place - first) * (rows[second * columns + j]! - a);
		}
	}
	return result;
}
