import { broadcast, shapeText } from '../dims.ts';
import type { Value } from '../graph.ts';
import type { DType } from '../types.ts';
import { foldBinary, foldUnary } from '../fold.ts';

/** Either a tensor, or a number that becomes a scalar of the other side's type. */
export type Operand = Value | number;

function together(op: string, a: Operand, b: Operand): [Value, Value] {
	if (typeof a === 'number' && typeof b === 'number') throw new TypeError(`${op} of two numbers`);
	const left = typeof a === 'number' ? (b as Value).graph.scalar(a, (b as Value).dtype) : a;
	const right = typeof b === 'number' ? left.graph.scalar(b, left.dtype) : b;
	if (left.dtype !== right.dtype) throw left.graph.error(`${op} of ${left.dtype} and ${right.dtype}`);
	return [left, right];
}

function binary(op: string, a: Operand, b: Operand, dtype?: DType): Value {
	const [left, right] = together(op, a, b);
	const shape = broadcast(left.shape, right.shape);
	if (!shape) throw left.graph.error(`${op} of ${shapeText(left.shape)} and ${shapeText(right.shape)}`);
	const folded = dtype ? undefined : foldBinary(op, left, right, shape);
	return folded ?? left.graph.node(op, [left, right], [{ dtype: dtype ?? left.dtype, shape }])[0]!;
}

export const add = (a: Operand, b: Operand): Value => binary('Add', a, b);
export const subtract = (a: Operand, b: Operand): Value => binary('Sub', a, b);
export const multiply = (a: Operand, b: Operand): Value => binary('Mul', a, b);
export const divide = (a: Operand, b: Operand): Value => binary('Div', a, b);
export const power = (a: Operand, b: Operand): Value => binary('Pow', a, b);
export const maximum = (a: Operand, b: Operand): Value => binary('Max', a, b);
export const minimum = (a: Operand, b: Operand): Value => binary('Min', a, b);

export const equal = (a: Operand, b: Operand): Value => binary('Equal', a, b, 'bool');
export const greater = (a: Operand, b: Operand): Value => binary('Greater', a, b, 'bool');
export const greaterOrEqual = (a: Operand, b: Operand): Value => binary('GreaterOrEqual', a, b, 'bool');
export const less = (a: Operand, b: Operand): Value => binary('Less', a, b, 'bool');
export const lessOrEqual = (a: Operand, b: Operand): Value => binary('LessOrEqual', a, b, 'bool');
export const and = (a: Value, b: Value): Value => binary('And', a, b);
export const or = (a: Value, b: Value): Value => binary('Or', a, b);

function unary(op: string, x: Value, attributes: Record<string, { float: number } | string> = {}): Value {
	const folded = foldUnary(op, x);
	return folded ?? x.graph.node(op, [x], [{ dtype: x.dtype, shape: x.shape }], attributes)[0]!;
}

export const negate = (x: Value): Value => unary('Neg', x);
export const absolute = (x: Value): Value => unary('Abs', x);
export const squareRoot = (x: Value): Value => unary('Sqrt', x);
export const exponential = (x: Value): Value => unary('Exp', x);
export const logarithm = (x: Value): Value => unary('Log', x);
export const sine = (x: Value): Value => unary('Sin', x);
export const cosine = (x: Value): Value => unary('Cos', x);
export const floor = (x: Value): Value => unary('Floor', x);
export const round = (x: Value): Value => unary('Round', x);
export const not = (x: Value): Value => unary('Not', x);
export const relu = (x: Value): Value => unary('Relu', x);
export const sigmoid = (x: Value): Value => unary('Sigmoid', x);
export const tanh = (x: Value): Value => unary('Tanh', x);
export const softplus = (x: Value): Value => unary('Softplus', x);

/** x·σ(x), also called swish. */
export const silu = (x: Value): Value => multiply(x, sigmoid(x));

/** Gaussian error linear unit (Hendrycks and Gimpel, 2016): exact, or by its tanh approximation. */
export const gelu = (x: Value, approximate: 'none' | 'tanh' = 'none'): Value =>
	unary('Gelu', x, { approximate });

/** Limits values to a range; either bound may be left open. */
export function clip(x: Value, low?: number, high?: number): Value {
	const bound = (value?: number) => (value === undefined ? undefined : x.graph.scalar(value, x.dtype));
	return x.graph.node('Clip', [x, bound(low), bound(high)], [{ dtype: x.dtype, shape: x.shape }])[0]!;
}

/** Picks from `a` where the condition holds, else from `b`. */
export function where(condition: Value, a: Operand, b: Operand): Value {
	const [left, right] = together('Where', a, b);
	const both = broadcast(left.shape, right.shape);
	const shape = both && broadcast(both, condition.shape);
	if (!shape) {
		const shapes = [condition, left, right].map((value) => shapeText(value.shape)).join(', ');
		throw condition.graph.error(`Where of ${shapes}`);
	}
	return condition.graph.node('Where', [condition, left, right], [{ dtype: left.dtype, shape }])[0]!;
}

const types: Record<DType, number> = {
	...{ float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 }
};

/** The same numbers in another type; nothing where they are of it already. */
export function cast(x: Value, dtype: DType): Value {
	if (x.dtype === dtype) return x;
	const isFloat = (type: DType) => type === 'float32' || type === 'float16';
	if (x.data && isFloat(x.dtype) && isFloat(dtype)) {
		return x.graph.constant(x.data, x.shape as readonly number[], dtype);
	}
	return x.graph.node('Cast', [x], [{ dtype, shape: x.shape }], { to: types[dtype] })[0]!;
}
