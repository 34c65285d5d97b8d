import type { Alpha, Size } from '../../models/frame.ts';

/** Errors of one predicted alpha against the true one, or their means over frames; all are better when smaller. */
export interface MatteErrors {
	/** Mean absolute difference of alphas in [0, 1], times 1000. */
	mad: number;
	/** Mean squared difference, times 1000. */
	mse: number;
	/** Difference of the gradients' magnitudes, squared and summed, divided by 1000. */
	grad: number;
	/** Difference of the degrees of connectedness, summed, divided by 1000. */
	conn: number;
	/** Root mean square difference of the changes in time, times 100; 0 for the first frame. */
	dtssd: number;
}

/** Collects the errors of a clip's frames, given in order, and averages them over the frames. */
export class ClipErrors {
	#sum: MatteErrors = { mad: 0, mse: 0, grad: 0, conn: 0, dtssd: 0 };
	#frames = 0;
	#before: { predicted: Alpha; truth: Alpha } | undefined;

	add(predicted: Alpha, truth: Alpha): void {
		this.#sum.mad += meanAbsoluteDifference(predicted, truth);
		this.#sum.mse += meanSquaredError(predicted, truth);
		this.#sum.grad += gradientError(predicted, truth);
		this.#sum.conn += connectivityError(predicted, truth);
		if (this.#before)
			this.#sum.dtssd += temporalError(predicted, this.#before.predicted, truth, this.#before.truth);
		this.#before = { predicted, truth };
		this.#frames++;
	}

	get mean(): MatteErrors {
		const { mad, mse, grad, conn, dtssd } = this.#sum;
		const n = this.#frames;
		return { mad: mad / n, mse: mse / n, grad: grad / n, conn: conn / n, dtssd: dtssd / n };
	}
}

export function meanAbsoluteDifference(predicted: Alpha, truth: Alpha): number {
	let sum = 0;
	for (let i = 0; i < truth.data.length; i++) sum += Math.abs(predicted.data[i]! - truth.data[i]!);
	return (1e3 * sum) / 255 / truth.data.length;
}

export function meanSquaredError(predicted: Alpha, truth: Alpha): number {
	let sum = 0;
	for (let i = 0; i < truth.data.length; i++) sum += (predicted.data[i]! - truth.data[i]!) ** 2;
	return (1e3 * sum) / 255 ** 2 / truth.data.length;
}

/** dtSSD of one frame (Erofeev et al. 2015): how far alpha changes otherwise than the truth does since the frame before. */
export function temporalError(
	predicted: Alpha,
	predictedBefore: Alpha,
	truth: Alpha,
	truthBefore: Alpha
): number {
	let sum = 0;
	for (let i = 0; i < truth.data.length; i++) {
		const change = predicted.data[i]! - predictedBefore.data[i]!;
		sum += (change - (truth.data[i]! - truthBefore.data[i]!)) ** 2;
	}
	return 1e2 * Math.sqrt(sum / 255 ** 2 / truth.data.length);
}

/** Rhemann et al. 2009: gradients by Gaussian derivatives of σ = 1.4, on 9 x 9 pixels, the border repeated. */
export function gradientError(predicted: Alpha, truth: Alpha): number {
	const p = gradientMagnitude(predicted);
	const t = gradientMagnitude(truth);
	let sum = 0;
	for (let i = 0; i < t.length; i++) sum += (t[i]! - p[i]!) ** 2;
	return sum / 1000;
}

const sigma = 1.4;
const halfKernel = Math.ceil(sigma * Math.sqrt(-2 * Math.log(Math.sqrt(2 * Math.PI) * sigma * 0.01)));
const offsets = Array.from({ length: 2 * halfKernel + 1 }, (_, i) => i - halfKernel);
const gaussian = unit(offsets.map((x) => Math.exp((-x * x) / (2 * sigma ** 2))));
const derivative = unit(offsets.map((x) => -x * Math.exp((-x * x) / (2 * sigma ** 2))));

/** Scaled so that the squares add up to 1; then those of the product of two such kernels do, too. */
function unit(kernel: number[]): Float64Array {
	const norm = Math.sqrt(kernel.reduce((sum, value) => sum + value * value, 0));
	return Float64Array.from(kernel, (value) => value / norm);
}

function gradientMagnitude(alpha: Alpha): Float64Array {
	const plane = new Float64Array(alpha.data);
	const along = convolve(convolve(plane, alpha, derivative, 'rows'), alpha, gaussian, 'columns');
	const down = convolve(convolve(plane, alpha, gaussian, 'rows'), alpha, derivative, 'columns');
	for (let i = 0; i < plane.length; i++) plane[i] = Math.sqrt(along[i]! ** 2 + down[i]! ** 2) / 255;
	return plane;
}

/** Correlates every row or column with a kernel, the border repeated. */
function convolve(
	plane: Float64Array,
	{ width, height }: Size,
	kernel: Float64Array,
	direction: 'rows' | 'columns'
): Float64Array {
	const result = new Float64Array(plane.length);
	const [stride, length] = direction === 'rows' ? [1, width] : [width, height];
	const steps = Int32Array.from(
		{ length: length + 2 * halfKernel },
		(_, i) => Math.min(length - 1, Math.max(0, i - halfKernel)) * stride
	);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const position = direction === 'rows' ? x : y;
			const start = y * width + x - position * stride;
			let sum = 0;
			for (let k = 0; k < kernel.length; k++) sum += plane[start + steps[position + k]!]! * kernel[k]!;
			result[y * width + x] = sum;
		}
	}
	return result;
}

/** Rhemann et al. 2009: compares how strongly each pixel is connected to the largest region that both alphas share. */
export function connectivityError(predicted: Alpha, truth: Alpha): number {
	const p = new Float32Array(predicted.data).map((value) => value / 255);
	const t = new Float32Array(truth.data).map((value) => value / 255);
	const shared = p.map((value, i) => Math.min(value, t[i]!));
	const level = new Float64Array(t.length).fill(-1);
	for (let step = 1; step <= 10; step++) {
		const { regions, largest } = label(shared, truth.width, step * 0.1);
		for (let i = 0; i < level.length; i++) {
			if (level[i] === -1 && (regions[i] !== largest || largest === -1)) level[i] = (step - 1) * 0.1;
		}
	}
	let sum = 0;
	for (let i = 0; i < level.length; i++) {
		const full = level[i] === -1 ? 1 : level[i]!;
		sum += Math.abs(connectedness(t[i]!, full) - connectedness(p[i]!, full));
	}
	return sum / 1000;
}

function connectedness(alpha: number, level: number): number {
	const distance = alpha - level;
	return 1 - (distance >= 0.15 ? distance : 0);
}

/**
 * Finds the 4-connected regions of pixels that reach a threshold. A region is named by its first pixel, -1 means none; of equally
 * large ones the first is the largest.
 */
function label(
	plane: Float32Array,
	width: number,
	threshold: number
): { regions: Int32Array; largest: number } {
	// A pixel's parent is a pixel of its region that comes earlier, or itself.
	const parent = new Int32Array(plane.length).fill(-1);
	const root = (pixel: number) => {
		while (parent[pixel] !== pixel) pixel = parent[pixel] = parent[parent[pixel]!]!;
		return pixel;
	};
	const join = (a: number, b: number) => {
		const [rootA, rootB] = [root(a), root(b)];
		if (rootA < rootB) parent[rootB] = rootA;
		else parent[rootA] = rootB;
	};
	for (let i = 0; i < plane.length; i++) {
		if (plane[i]! < threshold) continue;
		const left = i % width > 0 && parent[i - 1]! >= 0;
		const above = i >= width && parent[i - width]! >= 0;
		if (left) parent[i] = parent[i - 1]!;
		else parent[i] = above ? parent[i - width]! : i;
		if (left && above) join(i - 1, i - width);
	}
	const area = new Int32Array(plane.length);
	let largest = -1;
	for (let i = 0; i < plane.length; i++) {
		if (parent[i] === -1) continue;
		parent[i] = parent[parent[i]!]!;
		area[parent[i]!]!++;
	}
	for (let i = 0; i < area.length; i++) if (area[i]! > (area[largest] ?? 0)) largest = i;
	return { regions: parent, largest };
}
