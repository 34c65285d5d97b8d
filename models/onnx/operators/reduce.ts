import { axisOf } from '../dims.ts';
import type { Value } from '../graph.ts';
import type { Shape } from '../types.ts';
import { integers } from './layout.ts';

function reduced(x: Value, axes: readonly number[], keep: boolean): Shape {
	const places = axes.map((axis) => axisOf(axis, x.shape.length));
	return keep
		? x.shape.map((dim, axis) => (places.includes(axis) ? 1 : dim))
		: x.shape.filter((_, axis) => !places.includes(axis));
}

function reduce(op: string, x: Value, axes: readonly number[], keep: boolean): Value {
	const outputs = [{ dtype: x.dtype, shape: reduced(x, axes, keep) }];
	return x.graph.node(op, [x, integers(x.graph, axes)], outputs, { keepdims: Number(keep) })[0]!;
}

/** Sums over axes, which stay with size 1 where `keep` is set. */
export const sum = (x: Value, axes: readonly number[], keep = false): Value =>
	reduce('ReduceSum', x, axes, keep);
export const mean = (x: Value, axes: readonly number[], keep = false): Value =>
	reduce('ReduceMean', x, axes, keep);
export const largest = (x: Value, axes: readonly number[], keep = false): Value =>
	reduce('ReduceMax', x, axes, keep);
export const smallest = (x: Value, axes: readonly number[], keep = false): Value =>
	reduce('ReduceMin', x, axes, keep);

/** The number of the largest element along an axis, int64. */
export function argMax(x: Value, axis: number, keep = false): Value {
	const outputs = [{ dtype: 'int64' as const, shape: reduced(x, [axis], keep) }];
	return x.graph.node('ArgMax', [x], outputs, {
		axis: axisOf(axis, x.shape.length),
		keepdims: Number(keep)
	})[0]!;
}

/** exp(x) over its sum along an axis; the largest is subtracted first, so that nothing overflows. */
export function softmax(x: Value, axis = -1): Value {
	const attributes = { axis: axisOf(axis, x.shape.length) };
	return x.graph.node('Softmax', [x], [{ dtype: x.dtype, shape: x.shape }], attributes)[0]!;
}

/** The logarithm of `softmax`, exact also where that is next to nothing. */
export function logSoftmax(x: Value, axis = -1): Value {
	const attributes = { axis: axisOf(axis, x.shape.length) };
	return x.graph.node('LogSoftmax', [x], [{ dtype: x.dtype, shape: x.shape }], attributes)[0]!;
}

/** The k largest elements of the last axis, largest first, and their numbers (int64). */
export function topK(x: Value, k: number): [values: Value, indices: Value] {
	const size = x.shape.at(-1)!;
	if (typeof size === 'number' && size < k) throw x.graph.error(`the ${k} largest of ${size}`);
	const shape = [...x.shape.slice(0, -1), k];
	const outputs = [
		{ dtype: x.dtype, shape },
		{ dtype: 'int64' as const, shape }
	];
	const [values, indices] = x.graph.node('TopK', [x, integers(x.graph, [k])], outputs, { axis: -1 });
	return [values!, indices!];
}
