import type { Scope, Value } from '../../onnx/graph.ts';

/** A layer's kernel and bias. */
export interface Kernel {
	readonly weight: Value;
	readonly bias: Value;
}

/**
 * A convolution that nothing but a projection (a convolution by 1 x 1) follows, with the projection taken into its kernel: one pass
 * less, and fewer channels in between.
 * @param layer the convolution
 * @param projection the projection, wherever in the network it is
 * @param outputs the axis of the kernel that counts the convolution's outputs: 0, or 1 of a transposed one
 */
export function absorb(layer: Scope, projection: Scope, outputs: 0 | 1): Kernel {
	const shape = layer.shapeOf('weight');
	const [channels, inner] = projection.shapeOf('weight') as [number, number];
	const root = layer.graph.scope(layer.precision);
	const name = (scope: Scope, tensor: string) => `${scope.path}.${tensor}`;
	const matrix = name(projection, 'weight');
	const size = (axes: readonly number[]) => axes.reduce((product, axis) => product * axis, 1);
	const sizes = { channels, inner, length: size(shape.slice(outputs + 1)) };
	return {
		weight: root.derived(
			[name(layer, 'weight'), matrix],
			'projected',
			shape.with(outputs, channels),
			(tensors) => project(tensors[0]!, tensors[1]!, sizes)
		),
		bias: root.derived(
			[name(layer, 'bias'), matrix, name(projection, 'bias')],
			'projected',
			[channels],
			([bias, by, offset]) =>
				project(bias!, by!, { ...sizes, length: 1 }).map((value, i) => value + offset![i]!)
		)
	};
}

/**
 * Σ by[c, i] · x[a, i, l] over i.
 * @param x [a, inner, length]
 * @param by [channels, inner]
 * @returns [a, channels, length]
 */
function project(
	x: Float32Array,
	by: Float32Array,
	{ channels, inner, length }: { readonly channels: number; readonly inner: number; readonly length: number }
): Float32Array {
	const leading = x.length / (inner * length);
	const result = new Float32Array(leading * channels * length);
	const sums = new Float64Array(length);
	for (let a = 0; a < leading; a++) {
		for (let c = 0; c < channels; c++) {
			sums.fill(0);
			for (let i = 0, at = a * inner * length; i < inner; i++) {
				const factor = by[c * inner + i]!;
				for (let l = 0; l < length; l++, at++) sums[l]! += factor * x[at]!;
			}
			result.set(sums, (a * channels + c) * length);
		}
	}
	return result;
}
