import type { Value } from '../../onnx/graph.ts';
import { flatten, reshape, squeeze, transpose } from '../../onnx/operators/index.ts';

/** A map [1, C, h, w] as rows [h * w, C]. */
export function tokens(map: Value): Value {
	return transpose(squeeze(flatten(map, 2, 3), 0), [1, 0]);
}

/** Rows [h * w, C] as a map [1, C, h, w]. */
export function mapOf(rows: Value, height: number, width: number): Value {
	return reshape(transpose(rows, [1, 0]), [1, rows.shape[1]!, height, width]);
}
