import { axisOf } from './dims.ts';
import type { Value } from './graph.ts';
import type { ConstantData, Shape } from './types.ts';

/** Numbers above which a result is computed when the graph runs: a folded constant is stored in the graph's file. */
const MOST = 1 << 20;

type Numbers = Float32Array | BigInt64Array;

const binaries: Record<string, (a: number, b: number) => number> = {
	Add: (a, b) => a + b,
	Sub: (a, b) => a - b,
	Mul: (a, b) => a * b,
	Div: (a, b) => a / b,
	Pow: Math.pow,
	Max: Math.max,
	Min: Math.min
};

const unaries: Record<string, (x: number) => number> = {
	Neg: (x) => -x,
	Abs: Math.abs,
	Sqrt: Math.sqrt,
	Exp: Math.exp,
	Log: Math.log,
	Sin: Math.sin,
	Cos: Math.cos,
	Floor: Math.floor,
	Relu: (x) => Math.max(x, 0),
	Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
	Tanh: Math.tanh
};

/** The result of an operator on two tensors whose numbers are known, as a constant; undefined where it has to be computed later. */
export function foldBinary(op: string, a: Value, b: Value, shape: Shape): Value | undefined {
	const compute = binaries[op];
	if (!compute || !(a.data instanceof Float32Array) || !(b.data instanceof Float32Array)) return undefined;
	const sizes = shape as readonly number[];
	const count = sizes.reduce((product, size) => product * size, 1);
	if (count > MOST) return undefined;
	const result = new Float32Array(count);
	const left = broadcastStrides(a.shape as readonly number[], sizes);
	const right = broadcastStrides(b.shape as readonly number[], sizes);
	for (let i = 0; i < count; i++) {
		result[i] = compute(a.data[offset(i, sizes, left)]!, b.data[offset(i, sizes, right)]!);
	}
	return a.graph.constant(result, sizes, a.dtype);
}

/** As `foldBinary`, for one tensor. */
export function foldUnary(op: string, x: Value): Value | undefined {
	const compute = unaries[op];
	if (!compute || !(x.data instanceof Float32Array)) return undefined;
	return x.graph.constant(x.data.map(compute), x.shape as readonly number[], x.dtype);
}

/** The same numbers in another shape. */
export function foldReshape(x: Value, shape: Shape): Value | undefined {
	if (!x.data || shape.some((dim) => typeof dim === 'string')) return undefined;
	return x.graph.constant(x.data, shape as readonly number[], x.dtype);
}

/** The numbers with their axes in another order. */
export function foldTranspose(x: Value, order: readonly number[]): Value | undefined {
	const data = numbers(x);
	if (!data) return undefined;
	const from = x.shape as readonly number[];
	const shape = order.map((axis) => from[axis]!);
	const steps = strides(from);
	const source = order.map((axis) => steps[axis]!);
	const result = data.slice();
	for (let i = 0; i < result.length; i++) result[i] = data[offset(i, shape, source)]!;
	return x.graph.constant(result, shape, x.dtype);
}

/** The numbers of several tensors along one axis. */
export function foldConcat(parts: readonly Value[], axis: number, shape: Shape): Value | undefined {
	const datas = parts.map(numbers);
	if (datas.some((data) => !data)) return undefined;
	const sizes = shape as readonly number[];
	const outer = sizes.slice(0, axis).reduce((product, size) => product * size, 1);
	const total = outer * sizes.slice(axis).reduce((product, size) => product * size, 1);
	const result = datas[0] instanceof BigInt64Array ? new BigInt64Array(total) : new Float32Array(total);
	let at = 0;
	for (let i = 0; i < outer; i++) {
		for (const data of datas as Numbers[]) {
			const run = data.length / outer;
			(result as Float32Array).set(data.subarray(i * run, (i + 1) * run) as Float32Array, at);
			at += run;
		}
	}
	return parts[0]!.graph.constant(result, sizes, parts[0]!.dtype);
}

/** A range of an axis. */
export function foldSlice(x: Value, axis: number, start: number, end: number): Value | undefined {
	const data = numbers(x);
	if (!data) return undefined;
	const from = x.shape as readonly number[];
	const at = axisOf(axis, from.length);
	const inner = from.slice(at + 1).reduce((product, size) => product * size, 1);
	const outer = from.slice(0, at).reduce((product, size) => product * size, 1);
	const shape = from.map((size, index) => (index === at ? end - start : size));
	const result = data.slice(0, outer * (end - start) * inner);
	for (let i = 0; i < outer; i++) {
		const first = (i * from[at]! + start) * inner;
		const run = data.subarray(first, first + (end - start) * inner);
		(result as Float32Array).set(run as Float32Array, i * (end - start) * inner);
	}
	return x.graph.constant(result, shape, x.dtype);
}

function numbers({ data }: Value): Numbers | undefined {
	const known = data as ConstantData | undefined;
	return known instanceof Float32Array || known instanceof BigInt64Array ? known : undefined;
}

function strides(shape: readonly number[]): number[] {
	const steps = shape.map(() => 1);
	for (let axis = shape.length - 2; axis >= 0; axis--) steps[axis] = steps[axis + 1]! * shape[axis + 1]!;
	return steps;
}

/** How far to go in a tensor for a step along each axis of the shape that it is broadcast to. */
function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
	const steps = strides(shape);
	return to.map((_, axis) => {
		const own = axis - to.length + shape.length;
		return own < 0 || shape[own] === 1 ? 0 : steps[own]!;
	});
}

/** Where the element with a row-major number in `shape` lies. */
function offset(index: number, shape: readonly number[], steps: readonly number[]): number {
	let place = 0;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		const size = shape[axis]!;
		place += (index % size) * steps[axis]!;
		index = Math.floor(index / size);
	}
	return place;
}
