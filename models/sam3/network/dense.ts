import type { Scope, Value } from '../../onnx/graph.ts';
import { linear, linearInBlocks } from '../../onnx/layers.ts';
import type { Sam3Build } from '../build.ts';

/** Numbers in a matrix from which 4 bits save enough to be worth their error. */
const LARGE = 64 * 64;

/**
 * x·Wᵀ + b over the last axis: the matrix in 4 bits where the build asks for that and the matrix is large, else in whole numbers.
 * @param x [..., K]
 * @returns [..., N]
 */
export function dense(net: Scope, x: Value, { blockSize }: Pick<Sam3Build, 'blockSize'>): Value {
	const [rows, columns] = net.shapeOf('weight') as [number, number];
	return blockSize !== undefined && rows * columns >= LARGE
		? linearInBlocks(net, x, blockSize)
		: linear(net, x);
}
