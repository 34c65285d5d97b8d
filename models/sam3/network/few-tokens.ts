import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { linear } from '../../onnx/layers.ts';
import { add, flatten, matmul, multiply, reshape, softmax, transpose } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { attention, type AttentionInputs } from './attention.ts';

/*
 * `attention` between few tokens and many places. Projections are products with matrices, so that they may stand on either side of another
 * product: q·(W x) = (Wᵀ q)·x. Where nothing computes attention in one operator, the few are projected twice instead of the many once: the
 * same numbers but for rounding, a quarter faster for the whole mask decoder.
 */

type Build = Pick<Sam3Build, 'blockSize' | 'provider' | 'scoreBytes'>;

const isOneOperator = ({ provider, scoreBytes }: Build) => provider !== 'cpu' && scoreBytes === undefined;

/** `attention` of few queries. */
export const attentionByFew = module(
	(net: Scope, inputs: AttentionInputs, heads: number, build: Build): Value => {
		if (isOneOperator(build)) return attention(net, inputs, { heads }, build);
		const { query, key, value } = inputs;
		const [toKey, toValue] = [net.in('k_proj'), net.in('v_proj')];
		const asked = scaled(byHead(linear(net.in('q_proj'), query), heads));
		// The keys' bias would shift all scores of a query alike, which is nothing to the softmax.
		const scores = matmul(together(matmul(asked, matrices(toKey, heads))), transpose(key, [0, 2, 1]));
		const seen = apart(matmul(softmax(scores), value), query, heads);
		const read = matmul(seen, transpose(matrices(toValue, heads), [0, 2, 1]));
		const inner = toValue.shapeOf('weight')[0]!;
		const joined = reshape(transpose(read, [0, 2, 1, 3]), [...query.shape.slice(0, 2), inner]);
		// Shares add up to one.
		return linear(net.in('o_proj'), add(joined, toValue.weight('bias')));
	}
);

/** `attention` to few keys. */
export const attentionToFew = module(
	(net: Scope, inputs: AttentionInputs, heads: number, build: Build): Value => {
		if (isOneOperator(build)) return attention(net, inputs, { heads }, build);
		const { query, key, value } = inputs;
		const [toQuery, output] = [net.in('q_proj'), net.in('o_proj')];
		const keys = scaled(byHead(linear(net.in('k_proj'), key), heads));
		const values = byHead(linear(net.in('v_proj'), value), heads);
		const width = keys.shape[3]!;
		const offset = together(matmul(keys, reshape(toQuery.weight('bias'), [heads, width, 1])));
		const asking = together(matmul(keys, matrices(toQuery, heads)));
		const scores = add(matmul(asking, transpose(query, [0, 2, 1])), offset);
		const shares = together(softmax(apart(scores, key, heads), 2));
		const columns = transpose(output.weight('weight'), [1, 0]);
		const written = together(matmul(values, reshape(columns, [heads, width, columns.shape[1]!])));
		return add(matmul(transpose(shares, [0, 2, 1]), written), output.weight('bias'));
	}
);

/** A projection's matrix, by heads: [heads, d, C]. */
function matrices(projection: Scope, heads: number): Value {
	const [rows, columns] = projection.shapeOf('weight') as [number, number];
	return reshape(projection.weight('weight'), [heads, rows / heads, columns]);
}

/** [B, T, heads · d] to [B, heads, T, d] */
function byHead(x: Value, heads: number): Value {
	const split = reshape(x, [...x.shape.slice(0, 2), heads, (x.shape[2] as number) / heads]);
	return transpose(split, [0, 2, 1, 3]);
}

/** [B, heads, T, C] to [B, heads · T, C] */
const together = (x: Value) => flatten(x, 1, 2);

/** [B, heads · T, C] to [B, heads, T, C] */
const apart = (x: Value, tokens: Value, heads: number) =>
	reshape(x, [x.shape[0]!, heads, tokens.shape[1]!, x.shape[2]!]);

/** By one over the root of a head's channels. */
const scaled = (x: Value) => multiply(x, (x.shape[3] as number) ** -0.5);
