import type { Value } from '../../onnx/graph.ts';
import { flatten, reshape, transpose } from '../../onnx/operators/index.ts';

/** The places of a map [B, C, h, w] row by row: [B, h · w, C]. */
export function tokensOf(map: Value): Value {
	return transpose(flatten(map, 2, 3), [0, 2, 1]);
}

/** A square map [B, C, side, side] from its places [B, side · side, C]. */
export function mapOf(tokens: Value, side: number): Value {
	const [batch, , channels] = tokens.shape;
	return reshape(transpose(tokens, [0, 2, 1]), [batch!, channels!, side, side]);
}
