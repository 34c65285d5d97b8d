import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { layerNorm, linear } from '../../onnx/layers.ts';
import { add, clip, matmul, mean, multiply, squeeze, transpose } from '../../onnx/operators/index.ts';
import { perceptron } from './perceptron.ts';

/** Logits stay within this. */
const SUREST = 12;

/**
 * How well queries match the prompt: the dot product with the mean of its tokens.
 * @param queries [1, Q, C]
 * @param prompt [1, L, C]
 * @returns logits [1, Q]
 */
export const scoring = module((net: Scope, queries: Value, prompt: Value): Value => {
	const tokens = layerNorm(net.in('text_mlp_out_norm'), add(prompt, perceptron(net.in('text_mlp'), prompt)));
	const meaning = linear(net.in('text_proj'), mean(tokens, [1], true));
	const found = linear(net.in('query_proj'), queries);
	const match = matmul(found, transpose(meaning, [0, 2, 1]));
	const scale = (meaning.shape[2] as number) ** -0.5;
	return clip(multiply(squeeze(match, 2), scale), -SUREST, SUREST);
});
