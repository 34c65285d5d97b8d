import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { linear } from '../../onnx/layers.ts';
import { silu } from '../../onnx/operators/index.ts';

/** Two layers that make an embedding of waves (diffusers' `TimestepEmbedding`): in a graph, and when its weights are written. */
export const embed = module((net: Scope, waves: Value): Value =>
	linear(net.in('linear_2'), silu(linear(net.in('linear_1'), waves)))
);

/** The tensors that `embedNow` wants, in their order. */
export const embeddingTensors = ['linear_1.weight', 'linear_1.bias', 'linear_2.weight', 'linear_2.bias'];

export function embedNow(waves: Float32Array, tensors: readonly Float32Array[]): Float32Array {
	const [weight1, bias1, weight2, bias2] = tensors as [
		Float32Array,
		Float32Array,
		Float32Array,
		Float32Array
	];
	return linearNow(linearNow(waves, weight1, bias1).map(siluNow), weight2, bias2);
}

/** W·x + b. */
export function linearNow(x: Float32Array, weight: Float32Array, bias: Float32Array): Float32Array {
	const width = x.length;
	return bias.map((start, row) => {
		let sum = start;
		// By index: millions of weights are read, and iterators took a hundred seconds for them.
		for (let i = 0; i < width; i++) sum += weight[row * width + i]! * x[i]!;
		return sum;
	});
}

export const siluNow = (x: number): number => x / (1 + Math.exp(-x));

/**
 * Numbers as waves of falling frequency, from 1 to nearly 1/10000 (Vaswani et al., 2017): the cosines of each, then the sines.
 * @param width how many numbers each becomes, even
 */
export function wavesOf(numbers: readonly number[], width: number): Float32Array {
	const half = width / 2;
	const angle = (i: number) => numbers[Math.floor(i / width)]! * 10_000 ** (-(i % half) / half);
	return Float32Array.from({ length: numbers.length * width }, (_, i) =>
		i % width < half ? Math.cos(angle(i)) : Math.sin(angle(i))
	);
}
