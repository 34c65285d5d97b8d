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

/**
 * The same with tokens before channels, for graphs below opset 23 (com.microsoft.MultiHeadAttention).
 * @param q [B, Q, heads·d]
 * @param k [B, K, heads·d]
 * @param v [B, K, heads·e]
 * @param mask added to the scores, broadcast to [B, heads, Q, K]
 * @returns [B, Q, heads·e]
 */
export function multiHeadAttention(
	q: Value,
	k: Value,
	v: Value,
	heads: number,
	{ mask, scale }: { mask?: Value; scale?: number } = {}
): Value {
	if (q.shape.length !== 3 || q.shape[2] !== k.shape[2] || k.shape[1] !== v.shape[1]) {
		throw q.graph.error(`attention of ${[q, k, v].map(({ shape }) => shapeText(shape)).join(', ')}`);
	}
	const attributes: Record<string, Attribute> = {
		num_heads: heads,
		...(scale === undefined ? {} : { scale: { float: scale } })
	};
	const shape = [q.shape[0]!, q.shape[1]!, v.shape[2]!];
	const inputs = [q, k, v, undefined, undefined, mask];
	return q.graph.node(
		'MultiHeadAttention',
		inputs,
		[{ dtype: q.dtype, shape }],
		attributes,
		'com.microsoft'
	)[0]!;
}

/**
 * Turns pairs of channels by angles that depend on the place (Su et al., 2021; com.microsoft.RotaryEmbedding).
 * @param x [B, S, heads · d]
 * @param cos and sin of the angles, for each place and pair: [S, d / 2]
 * @param interleaved whether a pair is two neighbours, or one of a head's first half with one of its second
 */
export function rotaryEmbedding(
	x: Value,
	cos: Value,
	sin: Value,
	{ interleaved }: { interleaved: boolean }
): Value {
	const [places, pairs] = cos.shape as readonly number[];
	const channels = x.shape[2];
	if (
		x.shape.length !== 3 ||
		x.shape[1] !== places ||
		typeof channels !== 'number' ||
		channels % (2 * pairs!) ||
		x.dtype !== cos.dtype
	) {
		throw x.graph.error(`rotation of ${x.dtype}${shapeText(x.shape)} by ${cos.dtype}${shapeText(cos.shape)}`);
	}
	const first = x.graph.constant(BigInt64Array.of(0n), [1]);
	const outputs = [{ dtype: x.dtype, shape: x.shape }];
	const attributes = { interleaved: Number(interleaved) };
	return x.graph.node('RotaryEmbedding', [x, first, cos, sin], outputs, attributes, 'com.microsoft')[0]!;
}
