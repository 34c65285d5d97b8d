import { broadcast, multiplyDims, shapeText, windows } from '../dims.ts';
import type { Value } from '../graph.ts';
import type { Dim } from '../types.ts';

/** The product of matrices [..., M, K] and [..., K, N]; leading axes are broadcast. */
export function matmul(a: Value, b: Value): Value {
	const [k, n] = [b.shape.at(-2), b.shape.at(-1)];
	const leading = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
	if (!leading || a.shape.at(-1) !== k || a.dtype !== b.dtype || a.shape.length < 2 || n === undefined) {
		throw a.graph.error(`matmul of ${a.dtype}${shapeText(a.shape)} and ${b.dtype}${shapeText(b.shape)}`);
	}
	const shape = [...leading, a.shape.at(-2)!, n];
	return a.graph.node('MatMul', [a, b], [{ dtype: a.dtype, shape }])[0]!;
}

/** a·b + c for matrices, each turned over first where it is said. */
export function gemm(
	a: Value,
	b: Value,
	c?: Value,
	{ transA = false, transB = false, alpha = 1 }: { transA?: boolean; transB?: boolean; alpha?: number } = {}
): Value {
	const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
	const [k2, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
	if (a.shape.length !== 2 || b.shape.length !== 2 || k !== k2 || a.dtype !== b.dtype) {
		throw a.graph.error(`gemm of ${a.dtype}${shapeText(a.shape)} and ${b.dtype}${shapeText(b.shape)}`);
	}
	const attributes = { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } };
	return a.graph.node('Gemm', [a, b, c], [{ dtype: a.dtype, shape: [m!, n!] }], attributes)[0]!;
}

/**
 * x·Wᵀ for a matrix in blocks of 4 bits (com.microsoft.MatMulNBits), without making it whole.
 * @param x [..., K]
 * @param codes [N, blocks, blockSize / 2] and scales [N, blocks] of W [N, K]; see `models/weights/blocks.ts`
 */
export function matmulInBlocks(x: Value, codes: Value, scales: Value, blockSize: number): Value {
	const [rows, blocks] = codes.shape as readonly number[];
	const columns = x.shape.at(-1)!;
	if (typeof columns !== 'number' || blocks !== Math.ceil(columns / blockSize) || x.dtype !== scales.dtype) {
		throw x.graph.error(`${x.dtype}${shapeText(x.shape)} by blocks ${codes.dtype}${shapeText(codes.shape)}`);
	}
	const attributes = { K: columns, N: rows!, bits: 4, block_size: blockSize };
	const outputs = [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1), rows!] }];
	return x.graph.node('MatMulNBits', [x, codes, scales], outputs, attributes, 'com.microsoft')[0]!;
}

export interface ConvolutionOptions {
	/** For each axis, or one number for all. */
	readonly stride?: number | readonly number[];
	/** On both sides. */
	readonly padding?: number | readonly number[];
	/** On the far sides, where it is another one there. */
	readonly paddingAfter?: number | readonly number[];
	readonly dilation?: number;
	readonly groups?: number;
}

/** Correlates x [B, C, ...] with kernels [D, C/groups, ...] over one, two or three axes. */
export function convolution(
	x: Value,
	kernel: Value,
	bias?: Value,
	{ stride = 1, padding = 0, paddingAfter = padding, dilation = 1, groups = 1 }: ConvolutionOptions = {}
): Value {
	const [batch, channels, ...sizes] = x.shape;
	const [out, inner, ...extents] = kernel.shape as readonly number[];
	if (channels !== inner! * groups || sizes.length !== extents.length || x.dtype !== kernel.dtype) {
		throw x.graph.error(
			`convolution of ${x.dtype}${shapeText(x.shape)} by ${kernel.dtype}${shapeText(kernel.shape)}`
		);
	}
	const strides = each(stride, sizes.length);
	const pads = each(padding, sizes.length);
	const padsAfter = each(paddingAfter, sizes.length);
	const shape: Dim[] = [batch!, out!];
	for (const [axis, size] of sizes.entries()) {
		shape.push(
			windows(size, pads[axis]! + padsAfter[axis]!, dilation * (extents[axis]! - 1) + 1, strides[axis]!)
		);
	}
	return x.graph.node('Conv', [x, kernel, bias], [{ dtype: x.dtype, shape }], {
		...{ kernel_shape: extents, strides, pads: [...pads, ...padsAfter], group: groups },
		dilations: each(dilation, sizes.length)
	})[0]!;
}

/** The transpose of a convolution without padding, as upsampling layers use it: kernels [C, D, k, k], stride k. */
export function convolutionTranspose(
	x: Value,
	kernel: Value,
	bias: Value | undefined,
	stride: number
): Value {
	const [batch, channels, ...sizes] = x.shape;
	const [inner, out, ...extents] = kernel.shape as readonly number[];
	if (channels !== inner || x.dtype !== kernel.dtype) {
		throw x.graph.error(`transposed convolution of ${shapeText(x.shape)} by ${shapeText(kernel.shape)}`);
	}
	const shape: Dim[] = [batch!, out!];
	for (const [axis, size] of sizes.entries()) {
		if (typeof size !== 'number') throw x.graph.error('a transposed convolution needs a known size');
		shape.push((size - 1) * stride + extents[axis]!);
	}
	const strides = sizes.map(() => stride);
	return x.graph.node('ConvTranspose', [x, kernel, bias], [{ dtype: x.dtype, shape }], {
		strides,
		kernel_shape: extents
	})[0]!;
}

/** The largest, or the mean, in windows of an image [B, C, H, W]. */
export function pool(
	x: Value,
	kind: 'max' | 'average',
	{ size, stride = size, padding = 0 }: { size: number; stride?: number; padding?: number }
): Value {
	const [batch, channels, height, width] = x.shape;
	const after = (extent: Dim) => windows(extent, 2 * padding, size, stride);
	const shape = [batch!, channels!, after(height!), after(width!)];
	return x.graph.node(kind === 'max' ? 'MaxPool' : 'AveragePool', [x], [{ dtype: x.dtype, shape }], {
		...{ kernel_shape: [size, size], strides: [stride, stride], pads: Array<number>(4).fill(padding) }
	})[0]!;
}

/** The mean of each channel: [B, C, H, W] to [B, C, 1, 1]. */
export function globalAverage(x: Value): Value {
	const shape = [x.shape[0]!, x.shape[1]!, 1, 1];
	return x.graph.node('GlobalAveragePool', [x], [{ dtype: x.dtype, shape }])[0]!;
}

/**
 * An image [B, C, H, W] at another size.
 * @param coordinates where pixels lie: `half_pixel` as PyTorch's `align_corners=False`, `align_corners` as its `True`
 */
export function resize(
	x: Value,
	height: number,
	width: number,
	mode: 'linear' | 'nearest' | 'cubic' = 'linear',
	coordinates: 'half_pixel' | 'align_corners' | 'asymmetric' = 'half_pixel'
): Value {
	const [batch, channels] = x.shape;
	if (typeof batch !== 'number' || typeof channels !== 'number')
		throw x.graph.error('resize needs a known batch');
	const sizes = x.graph.constant(BigInt64Array.from([batch, channels, height, width], BigInt), [4]);
	const attributes = {
		...{ mode, coordinate_transformation_mode: coordinates },
		...(mode === 'nearest' ? { nearest_mode: 'floor' } : {}),
		...(mode === 'cubic' ? { cubic_coeff_a: { float: -0.75 } } : {})
	};
	const shape = [batch, channels, height, width];
	return x.graph.node(
		'Resize',
		[x, undefined, undefined, sizes],
		[{ dtype: x.dtype, shape }],
		attributes
	)[0]!;
}

/** An image [B, C, H, W] bilinearly enlarged by a whole factor, as PyTorch's `align_corners=False`. */
export function upsample(x: Value, factor: number): Value {
	const [batch, channels, height, width] = x.shape;
	const scales = x.graph.constant(Float32Array.of(1, 1, factor, factor), [4]);
	const shape = [batch!, channels!, multiplyDims(height!, factor), multiplyDims(width!, factor)];
	return x.graph.node('Resize', [x, undefined, scales], [{ dtype: x.dtype, shape }], {
		...{ mode: 'linear', coordinate_transformation_mode: 'half_pixel' }
	})[0]!;
}

/** An image [B, C, H, W] with each of its pixels repeated along both sides. */
export function repeatPixels(x: Value, times: number): Value {
	const [batch, channels, height, width] = x.shape;
	const scales = x.graph.constant(Float32Array.of(1, 1, times, times), [4]);
	const shape = [batch!, channels!, multiplyDims(height!, times), multiplyDims(width!, times)];
	return x.graph.node('Resize', [x, undefined, scales], [{ dtype: x.dtype, shape }], {
		...{ mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' }
	})[0]!;
}

/** Samples an image [B, C, H, W] at places [B, h, w, 2] in [-1, 1] (x, y), bilinearly, zero outside. */
export function gridSample(x: Value, grid: Value, alignCorners = false): Value {
	const shape = [x.shape[0]!, x.shape[1]!, grid.shape[1]!, grid.shape[2]!];
	return x.graph.node('GridSample', [x, grid], [{ dtype: x.dtype, shape }], {
		...{ mode: 'linear', padding_mode: 'zeros', align_corners: Number(alignCorners) }
	})[0]!;
}

function each(value: number | readonly number[], count: number): readonly number[] {
	return typeof value === 'number' ? Array<number>(count).fill(value) : value;
}
