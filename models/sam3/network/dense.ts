import { elements } from '../../onnx/dims.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { affine, linear, linearInBlocks } from '../../onnx/layers.ts';
import { cast, convolution, reshape, transpose } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';

/** Numbers in a matrix from which 4 bits save enough to be worth their error. */
const LARGE = 64 * 64;

/** Tokens from which a convolution is worth the change of their order. */
const MANY = 256;

/**
 * x·Wᵀ + b over the last axis: the matrix in 4 bits where the build asks for that and the matrix is large, else in whole numbers; on the
 * CPU as a convolution where there are many tokens.
 * @param x [B, T, K]
 * @returns [B, T, N]
 */
export function dense(
	net: Scope,
	x: Value,
	{ blockSize, provider }: Pick<Sam3Build, 'blockSize' | 'provider'>
): Value {
	const [rows, columns] = net.shapeOf('weight') as [number, number];
	if (blockSize !== undefined && rows * columns >= LARGE) return linearInBlocks(net, x, blockSize);
	if (provider === 'cpu' && net.precision === 'float16') return addedUpWide(net, x);
	const tokens = elements(x.shape.slice(0, -1));
	const isWorth = provider === 'cpu' && x.shape.length === 3 && typeof tokens === 'number' && tokens >= MANY;
	return isWorth ? pointwise(net, x) : linear(net, x);
}

/**
 * `linear` as a convolution by 1 x 1: ONNX Runtime's CPU provider multiplies matrices of float32 half again as fast in its layout for
 * convolutions (NCHWc), and takes the two transpositions into its change of layout.
 */
const pointwise = module((net: Scope, x: Value): Value => {
	const [batch, tokens, columns] = x.shape;
	const [rows] = net.shapeOf('weight') as [number, number];
	const tensor = `${net.path}.weight`;
	const shape = [rows, columns as number, 1, 1];
	const kernel = net.graph.initializer(`${tensor}/kernel`, net.precision, shape, { kind: 'tensor', tensor });
	const bias = net.has('bias') ? net.weight('bias') : undefined;
	const map = transpose(reshape(x, [1, batch!, tokens!, columns!]), [0, 3, 1, 2]);
	return reshape(transpose(convolution(map, kernel, bias), [0, 2, 3, 1]), [batch!, tokens!, rows]);
});

/**
 * `linear` of half precision as graphics cards compute it, which add products up in float32. ONNX Runtime's CPU provider adds them up in half:
 * ten times less exact, and slower.
 */
const addedUpWide = module((net: Scope, x: Value): Value => {
	const [weight, bias] = ['weight', 'bias'].map((name) =>
		net.has(name) ? cast(net.weight(name), 'float32') : undefined
	);
	return cast(affine(cast(x, 'float32'), weight!, bias), 'float16');
});
