import { Tensor } from 'onnxruntime-common';
import { encodeModel } from './onnx/encode.ts';
import { Graph } from './onnx/graph.ts';
import { convolution } from './onnx/operators/index.ts';
import type { Tensors } from './runtime.ts';

const CHANNELS = 32;
const SIDE = 96;

/**
 * A tiny network whose answer is known: the mean over all channels and 3x3 pixels. A runtime proves on it that it computes, and computes
 * right, before it is trusted with a model; it is large enough to tell a graphics card from a program that plays one.
 */
export function canaryModel(): Uint8Array {
	const graph = new Graph({ name: 'canary', weights: new Map() });
	const x = graph.input('x', 'float32', [1, CHANNELS, SIDE, SIDE]);
	const taps = CHANNELS * CHANNELS * 9;
	const kernel = new Float32Array(taps).fill(1 / (CHANNELS * 9));
	const mean = graph.constant(kernel, [CHANNELS, CHANNELS, 3, 3]);
	graph.output('y', convolution(x, mean, undefined, { padding: 1 }));
	return encodeModel(graph.define(), () => {
		throw new Error('the canary carries its own weights');
	});
}

/** Every channel is filled with its own number, so that a mistaken layout shows. */
export function canaryFeeds(): Tensors {
	const data = new Float32Array(CHANNELS * SIDE * SIDE);
	for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / (SIDE * SIDE));
	return { x: new Tensor('float32', data, [1, CHANNELS, SIDE, SIDE]) };
}

/** Whether the canary's answer is right, but for the rounding of half precision. */
export async function isCanaryRight({ y }: Tensors): Promise<boolean> {
	const data = (await y!.getData()) as Float32Array;
	const mean = (CHANNELS - 1) / 2;
	const last = SIDE - 1;
	for (let i = 0; i < data.length; i++) {
		const [column, row] = [i % SIDE, Math.floor(i / SIDE) % SIDE];
		// Outside the picture is zero.
		const covered = (column % last === 0 ? 2 / 3 : 1) * (row % last === 0 ? 2 / 3 : 1);
		if (!(Math.abs(data[i]! - mean * covered) < 0.02)) return false;
	}
	return data.length === CHANNELS * SIDE * SIDE;
}
