import type { Alpha } from '../../models/frame.ts';

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
	const plane = Float64Array.from(alpha.data, (value) => value / 255);
	const along = convolve(convolve(plane, alpha, derivative, 'rows'), alpha, gaussian, 'columns');
	const down = convolve(convolve(plane, alpha, gaussian, 'rows'), alpha, derivative, 'columns');
	return along.map((gx, i) => Math.hypot(gx, down[i]!));
}

/** Correlates every row or column with a kernel, the border repeated. */
function convolve(
	plane: Float64Array,
	{ width, height }: { width: number; height: number },
	kernel: Float64Array,
	direction: 'rows' | 'columns'
): Float64Array {
	const result = new Float64Array(plane.length);
	const [stride, length] = direction === 'rows' ? [1, width] : [width, height];
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const position = direction === 'rows' ? x : y;
			const start = y * width + x - position * stride;
			let sum = 0;
			for (let k = -halfKernel; k <= halfKernel; k++) {
				const at = Math.min(length - 1, Math.max(0, position + k));
				sum += plane[start + at * stride]! * kernel[k + halfKernel]!;
			}
			result[y * width + x] = sum;
		}
	}
	return result;
}

/** Rhemann et al. 2009: compares how strongly each pixel is connected to the largest region that both alphas share. */
export function connectivityError(predicted: Alpha, truth: Alpha): number {
	const { width, height } = truth;
	const p = Float32Array.from(predicted.data, (value) => value / 255);
	const t = Float32Array.from(truth.data, (value) => value / 255);
	const level = new Float64Array(t.length).fill(-1);
	for (let step = 1; step <= 10; step++) {
		const threshold = step * 0.1;
		const shared = t.map((value, i) => (value >= threshold && p[i]! >= threshold ? 1 : 0));
		const region = largestRegion(shared, width, height);
		for (let i = 0; i < level.length; i++) {
			if (level[i] === -1 && region[i] === 0) level[i] = (step - 1) * 0.1;
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

/** Marks the largest 4-connected region of non-zero pixels by 1; of equal ones the first. */
function largestRegion(shared: ArrayLike<number>, width: number, height: number): Uint8Array {
	const labels = new Int32Array(width * height);
	const queue = new Int32Array(width * height);
	let largest = { label: 0, area: 0 };
	let label = 0;
	for (let seed = 0; seed < labels.length; seed++) {
		if (shared[seed] === 0 || labels[seed] !== 0) continue;
		labels[seed] = ++label;
		queue[0] = seed;
		let area = 1;
		const visit = (pixel: number) => {
			if (shared[pixel] === 0 || labels[pixel] !== 0) return;
			labels[pixel] = label;
			queue[area++] = pixel;
		};
		for (let head = 0; head < area; head++) {
			const pixel = queue[head]!;
			const x = pixel % width;
			if (x > 0) visit(pixel - 1);
			if (x < width - 1) visit(pixel + 1);
			if (pixel >= width) visit(pixel - width);
			if (pixel < labels.length - width) visit(pixel + width);
		}
		if (area > largest.area) largest = { label, area };
	}
	return Uint8Array.from(labels, (value) => (value !== 0 && value === largest.label ? 1 : 0));
}
