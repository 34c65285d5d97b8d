import { shapeText } from '../dims.ts';
import type { Value } from '../graph.ts';
import type { Attribute } from '../types.ts';

/**
 * softmax(q·kᵀ·scale + mask)·v for every head, in one operator that never lays out the scores where the provider can (ONNX opset 23).
 * @param q [B, heads, Q, d]
 * @param k [B, heads, K, d]
 * @param v [B, heads, K, e]
 * @param mask added to the scores, broadcast to [B, heads, Q, K]; or bool: true where a key may be seen
 * @returns [B, heads, Q, e]
 */
export function attention(
	q: Value,
	k: Value,
	v: Value,
	{ mask, scale }: { mask?: Value; scale?: number } = {}
): Value {
	if (q.graph.opset < 23) throw q.graph.error('Attention needs opset 23');
	if (
		q.shape.length !== 4 ||
		k.shape.length !== 4 ||
		q.shape[3] !== k.shape[3] ||
		k.shape[2] !== v.shape[2]
	) {
		throw q.graph.error(`attention of ${[q, k, v].map(({ shape }) => shapeText(shape)).join(', ')}`);
	}
	const shape = [q.shape[0]!, q.shape[1]!, q.shape[2]!, v.shape[3]!];
	const attributes: Record<string, Attribute> = scale === undefined ? {} : { scale: { float: scale } };
	return q.graph.node('Attention', [q, k, v, mask], [{ dtype: q.dtype, shape }], attributes)[0]!;
}
