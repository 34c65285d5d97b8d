import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { affine, linear } from '../../onnx/layers.ts';
import { add, matmul, multiply, reshape, softmax, split, transpose } from '../../onnx/operators/index.ts';

const HEADS = 8;

/**
 * Attention with several heads (Vaswani et al., 2017), with the tensors of PyTorch's `MultiheadAttention`.
 * @param query [Q, C]
 * @param key [K, C]
 * @param value [K, C]
 * @param bias for each group of queries, added to their scores: [groups, 1, K]
 * @returns [Q, C]
 */
export const multiHeadAttention = module(
	(
		net: Scope,
		{ query, key, value, bias }: { query: Value; key: Value; value: Value; bias?: Value }
	): Value => {
		const [queries, channels] = query.shape as [number, number];
		const keys = key.shape[0] as number;
		const each = channels / HEADS;
		const thirds = [channels, channels, channels];
		const weights = split(net.weight('in_proj_weight'), 0, thirds);
		const biases = split(net.weight('in_proj_bias'), 0, thirds);
		const project = (x: Value, i: number) =>
			reshape(affine(x, weights[i]!, biases[i]), [x.shape[0]!, HEADS, each]);

		const q = transpose(multiply(project(query, 0), each ** -0.5), [1, 0, 2]);
		const k = transpose(project(key, 1), [1, 2, 0]);
		const v = transpose(project(value, 2), [1, 0, 2]);
		let scores = matmul(q, k);
		if (bias) {
			const groups = bias.shape[0] as number;
			const grouped = reshape(scores, [HEADS, groups, queries / groups, keys]);
			scores = reshape(add(grouped, bias), [HEADS, queries, keys]);
		}
		const read = transpose(matmul(softmax(scores), v), [1, 0, 2]);
		return linear(net.in('out_proj'), reshape(read, [queries, channels]));
	}
);
