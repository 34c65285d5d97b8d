import { module, type Scope, type Value } from './graph.ts';
import {
	add,
	batchNormalisation,
	cast,
	convolution,
	flatten,
	gemm,
	groupNormalisation,
	layerNormalisation,
	matmulInBlocks,
	reshapeLike,
	type ConvolutionOptions
} from './operators/index.ts';

/** The layers that networks are made of, with the tensor names that PyTorch gives them: `weight`, `bias`, `running_mean`, …. */

export const conv = module((net: Scope, x: Value, options?: ConvolutionOptions): Value => {
	const bias = net.has('bias') ? net.weight('bias') : undefined;
	return convolution(x, net.weight('weight'), bias, options);
});

/** x·Wᵀ + b over the last axis. */
export const linear = module((net: Scope, x: Value): Value => {
	const weight = net.weight('weight');
	const bias = net.has('bias') ? net.weight('bias') : undefined;
	return affine(x, weight, bias);
});

/** `linear` with its matrix in blocks of 4 bits: an eighth of float32's size. */
export const linearInBlocks = module((net: Scope, x: Value, blockSize: number = 32): Value => {
	const { codes, scales } = net.blocks('weight', blockSize);
	const product = matmulInBlocks(x, codes, scales, blockSize);
	return net.has('bias') ? add(product, net.weight('bias')) : product;
});

/** x·Wᵀ + b over the last axis, for a weight [out, in] as PyTorch stores it. */
export function affine(x: Value, weight: Value, bias?: Value): Value {
	const rows = x.shape.length === 2 ? x : flatten(x, 0, -2);
	const product = gemm(rows, weight, bias, { transB: true });
	return reshapeLike(product, x, x.shape.length - 1, [weight.shape[0]!]);
}

export const batchNorm = module((net: Scope, x: Value, epsilon: number = 1e-5): Value =>
	batchNormalisation(x, {
		scale: net.weight('weight'),
		bias: net.weight('bias'),
		mean: net.weight('running_mean'),
		variance: net.weight('running_var'),
		epsilon
	})
);

export const layerNorm = module((net: Scope, x: Value, epsilon: number = 1e-5): Value =>
	layerNormalisation(x, net.weight('weight'), net.has('bias') ? net.weight('bias') : undefined, epsilon)
);

export const groupNorm = module((net: Scope, x: Value, groups: number, epsilon: number = 1e-5): Value =>
	groupNormalisation(x, net.weight('weight'), net.weight('bias'), groups, epsilon)
);

/** Computes a part in float32 within a float16 network: its inputs are widened, its results narrowed again. */
export function inFloat32<Results extends readonly Value[]>(
	net: Scope,
	inputs: readonly Value[],
	write: (net: Scope, ...inputs: Value[]) => Results
): Results {
	const results = write(net.as('float32'), ...inputs.map((value) => cast(value, 'float32')));
	return results.map((value) =>
		value.dtype === 'float32' ? cast(value, net.precision) : value
	) as unknown as Results;
}
