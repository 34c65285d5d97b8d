import { addDims, axisOf, broadcast, elements, multiplyDims, sameShape, shapeText } from '../dims.ts';
import { foldConcat, foldReshape, foldSlice, foldTranspose } from '../fold.ts';
import type { Graph, Value } from '../graph.ts';
import type { Dim, Shape } from '../types.ts';

/** A list of whole numbers as ONNX wants it: a tensor. */
export function integers(graph: Graph, values: readonly number[]): Value {
	return graph.constant(BigInt64Array.from(values, BigInt), [values.length]);
}

/** The same elements, in the same order, in another shape. At most one size that is not known before the run may change its place. */
export function reshape(x: Value, shape: Shape): Value {
	if (sameShape(x.shape, shape)) return x;
	const [from, to] = [elements(x.shape), elements(shape)];
	if (typeof from === 'number' && typeof to === 'number' && from !== to) {
		throw x.graph.error(`reshape ${shapeText(x.shape)} to ${shapeText(shape)}`);
	}
	const folded = foldReshape(x, shape);
	if (folded) return folded;
	// 0 copies the size of the same axis; -1, once, is what is left over.
	let open = 0;
	const sizes = shape.map((dim, axis) => {
		if (typeof dim === 'number') return dim;
		if (x.shape[axis] === dim) return 0;
		open++;
		return -1;
	});
	if (open > 1)
		throw x.graph.error(`reshape ${shapeText(x.shape)} to ${shapeText(shape)}: too many open sizes`);
	return x.graph.node('Reshape', [x, integers(x.graph, sizes)], [{ dtype: x.dtype, shape }])[0]!;
}

/**
 * The same elements, in the same order, in a shape whose first axes are those of another tensor: their sizes need not be known.
 * @param axes how many of the other's axes come first
 * @param rest the axes after them, of which one size may be open
 */
export function reshapeLike(x: Value, like: Value, axes: number, rest: Shape): Value {
	const shape = [...like.shape.slice(0, axes), ...rest];
	const isKnown = (dim: Dim, axis: number) => typeof dim === 'number' || x.shape[axis] === dim;
	if (shape.filter((dim, axis) => !isKnown(dim, axis)).length <= 1) return reshape(x, shape);
	const after = integers(
		x.graph,
		rest.map((dim) => (typeof dim === 'number' ? dim : -1))
	);
	const sizes = concat([shapeOf(like, axes), after], 0);
	// An axis may turn out to be empty: its 0 is a size then, not the mark to copy one.
	const attributes = { allowzero: Number(rest.every((dim) => typeof dim === 'number')) };
	return x.graph.node('Reshape', [x, sizes], [{ dtype: x.dtype, shape }], attributes)[0]!;
}

/** A tensor whose first axis has size 1, once for each entry of another tensor's first axis. */
export function repeatLike(x: Value, like: Value): Value {
	const [count] = like.shape;
	if (x.shape[0] !== 1) throw x.graph.error(`repeat ${shapeText(x.shape)} ${count} times`);
	const shape = [count!, ...x.shape.slice(1)];
	const ones = x.shape.slice(1).map(() => 1);
	const sizes = concat([shapeOf(like, 1), integers(x.graph, ones)], 0);
	return x.graph.node('Expand', [x, sizes], [{ dtype: x.dtype, shape }])[0]!;
}

/** The sizes of a tensor's first axes, int64. */
function shapeOf(x: Value, axes: number): Value {
	return x.graph.node('Shape', [x], [{ dtype: 'int64', shape: [axes] }], { start: 0, end: axes })[0]!;
}

/** Merges the axes from one to another, both included. */
export function flatten(x: Value, first: number, last: number): Value {
	const [a, b] = [axisOf(first, x.shape.length), axisOf(last, x.shape.length)];
	const merged = x.shape.slice(a, b + 1).reduce(multiplyDims, 1);
	return reshape(x, [...x.shape.slice(0, a), merged, ...x.shape.slice(b + 1)]);
}

/** Axes in another order: axis i of the result is axis `order[i]` of x. */
export function transpose(x: Value, order: readonly number[]): Value {
	if (order.length !== x.shape.length)
		throw x.graph.error(`transpose ${shapeText(x.shape)} by ${order.join(',')}`);
	const folded = foldTranspose(x, order);
	if (folded) return folded;
	const shape = order.map((axis) => x.shape[axis]!);
	return x.graph.node('Transpose', [x], [{ dtype: x.dtype, shape }], { perm: order })[0]!;
}

/** Adds axes of size 1 at these places of the result. */
export function unsqueeze(x: Value, ...axes: number[]): Value {
	const rank = x.shape.length + axes.length;
	const places = axes.map((axis) => axisOf(axis, rank));
	const rest = [...x.shape];
	const shape = Array.from({ length: rank }, (_, axis) => (places.includes(axis) ? 1 : rest.shift()!));
	return (
		foldReshape(x, shape) ??
		x.graph.node('Unsqueeze', [x, integers(x.graph, places)], [{ dtype: x.dtype, shape }])[0]!
	);
}

/** Removes axes of size 1. */
export function squeeze(x: Value, ...axes: number[]): Value {
	const places = axes.map((axis) => axisOf(axis, x.shape.length));
	if (places.some((axis) => x.shape[axis] !== 1))
		throw x.graph.error(`squeeze ${shapeText(x.shape)} at ${axes.join(',')}`);
	const shape = x.shape.filter((_, axis) => !places.includes(axis));
	return (
		foldReshape(x, shape) ??
		x.graph.node('Squeeze', [x, integers(x.graph, places)], [{ dtype: x.dtype, shape }])[0]!
	);
}

/** Tensors one after the other along an axis. */
export function concat(parts: readonly Value[], axis: number): Value {
	const [first, ...others] = parts;
	const at = axisOf(axis, first!.shape.length);
	const shape = [...first!.shape];
	for (const part of others) {
		const fits =
			part.dtype === first!.dtype &&
			part.shape.length === shape.length &&
			part.shape.every((dim, index) => index === at || dim === shape[index]);
		if (!fits) {
			const all = parts.map((value) => `${value.dtype}${shapeText(value.shape)}`).join(', ');
			throw first!.graph.error(`concat along ${axis} of ${all}`);
		}
		shape[at] = addDims(shape[at]!, part.shape[at]!);
	}
	if (others.length === 0) return first!;
	return (
		foldConcat(parts, at, shape) ??
		first!.graph.node('Concat', parts, [{ dtype: first!.dtype, shape }], { axis: at })[0]!
	);
}

/** Cuts an axis into parts of these sizes. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
	const at = axisOf(axis, x.shape.length);
	const total = sizes.reduce((sum, size) => sum + size, 0);
	if (x.shape[at] !== total)
		throw x.graph.error(`split ${shapeText(x.shape)} along ${axis} into ${sizes.join('+')}`);
	const outputs = sizes.map((size) => ({
		...{ dtype: x.dtype, shape: x.shape.map((dim, index) => (index === at ? size : dim)) }
	}));
	return x.graph.node('Split', [x, integers(x.graph, sizes)], outputs, { axis: at });
}

/** The elements from `start` to before `end` of one axis; a negative number counts from its end. */
export function slice(x: Value, axis: number, start: number, end?: number, step = 1): Value {
	const at = axisOf(axis, x.shape.length);
	const size = x.shape[at]!;
	const last = end ?? Number.MAX_SAFE_INTEGER;
	let length: Dim;
	if (typeof size === 'number') {
		const bound = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
		length = Math.max(0, Math.ceil((bound(last) - bound(start)) / step));
		const folded = step === 1 ? foldSlice(x, at, bound(start), bound(last)) : undefined;
		if (folded) return folded;
	} else {
		length =
			step === 1 && start >= 0 && last >= 0 && end !== undefined
				? end - start
				: `${size}[${start}:${end ?? ''}:${step}]`;
	}
	const shape = x.shape.map((dim, index) => (index === at ? length : dim));
	const list = (value: number) => integers(x.graph, [value]);
	const inputs = [x, list(start), list(last), list(at), list(step)];
	return x.graph.node('Slice', inputs, [{ dtype: x.dtype, shape }])[0]!;
}

/** Repeats axes of size 1 until the tensor has this shape. */
export function expand(x: Value, shape: Shape): Value {
	const result = broadcast(x.shape, shape);
	if (!result || !sameShape(result, shape) || shape.some((dim) => typeof dim === 'string')) {
		throw x.graph.error(`expand ${shapeText(x.shape)} to ${shapeText(shape)}`);
	}
	if (sameShape(x.shape, shape)) return x;
	return x.graph.node(
		'Expand',
		[x, integers(x.graph, shape as readonly number[])],
		[{ dtype: x.dtype, shape }]
	)[0]!;
}

/** The whole tensor several times along each axis. */
export function tile(x: Value, repeats: readonly number[]): Value {
	const shape = x.shape.map((dim, axis) => multiplyDims(dim, repeats[axis]!));
	return x.graph.node('Tile', [x, integers(x.graph, repeats)], [{ dtype: x.dtype, shape }])[0]!;
}

/** Picks whole entries of an axis by their numbers: the index's shape takes the axis' place. */
export function gather(x: Value, indices: Value, axis: number): Value {
	const at = axisOf(axis, x.shape.length);
	const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
	return x.graph.node('Gather', [x, indices], [{ dtype: x.dtype, shape }], { axis: at })[0]!;
}

/** Picks one element along an axis for each place of `indices`. */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
	const at = axisOf(axis, x.shape.length);
	return x.graph.node('GatherElements', [x, indices], [{ dtype: x.dtype, shape: indices.shape }], {
		axis: at
	})[0]!;
}

/**
 * Adds a border.
 * @param pads before and after each axis: `[[0, 0], [1, 1]]`
 */
export function pad(
	x: Value,
	pads: readonly (readonly [number, number])[],
	mode: 'constant' | 'edge' | 'reflect' = 'constant',
	value = 0
): Value {
	if (pads.length !== x.shape.length) throw x.graph.error(`pad ${shapeText(x.shape)} on ${pads.length} axes`);
	const shape = x.shape.map((dim, axis) => addDims(dim, pads[axis]![0] + pads[axis]![1]));
	const list = integers(x.graph, [...pads.map(([before]) => before), ...pads.map(([, after]) => after)]);
	const border = mode === 'constant' ? x.graph.scalar(value, x.dtype) : undefined;
	return x.graph.node('Pad', [x, list, border], [{ dtype: x.dtype, shape }], { mode })[0]!;
}

/** The running sum along an axis. */
export function cumulativeSum(x: Value, axis: number): Value {
	const at = x.graph.constant(Int32Array.of(axisOf(axis, x.shape.length)), []);
	return x.graph.node('CumSum', [x, at], [{ dtype: x.dtype, shape: x.shape }])[0]!;
}
