import type { Dim, Shape } from './types.ts';

/** `[1,256,h,w]`, for messages. */
export function shapeText(shape: Shape): string {
	return `[${shape.join(',')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
	return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function addDims(a: Dim, b: Dim): Dim {
	if (typeof a === 'number' && typeof b === 'number') return a + b;
	if (a === 0) return b;
	if (b === 0) return a;
	return `(${a}+${b})`;
}

export function multiplyDims(a: Dim, b: Dim): Dim {
	if (typeof a === 'number' && typeof b === 'number') return a * b;
	if (a === 1) return b;
	if (b === 1) return a;
	return typeof a === 'number' ? `${a}*${b}` : `${b}*${a}`;
}

/** How many elements a shape holds; an expression where a size is not known. */
export function elements(shape: Shape): Dim {
	return shape.reduce(multiplyDims, 1);
}

/**
 * The sizes along a window's axis: `floor((size + padding - extent) / stride) + 1`, as convolutions and pools have it.
 * @param padding both sides together
 * @param extent how much the kernel covers, dilation included
 */
export function windows(size: Dim, padding: number, extent: number, stride: number): Dim {
	if (typeof size === 'number') return Math.floor((size + padding - extent) / stride) + 1;
	const slack = padding - extent;
	if (stride === 1) return slack === -1 ? size : `(${size}+${slack + 1})`;
	return `floor((${size}+${slack})/${stride}+1)`;
}

/** The shape that two shapes have together by ONNX's (NumPy's) broadcasting; undefined when they do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
	const rank = Math.max(a.length, b.length);
	const result: Dim[] = [];
	for (let axis = 0; axis < rank; axis++) {
		const left = a[axis - rank + a.length] ?? 1;
		const right = b[axis - rank + b.length] ?? 1;
		if (left !== right && left !== 1 && right !== 1) return undefined;
		result.push(left === 1 ? right : left);
	}
	return result;
}

/** An axis counted from the end made one counted from the start. */
export function axisOf(axis: number, rank: number): number {
	return axis < 0 ? axis + rank : axis;
}
