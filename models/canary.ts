import { Tensor } from 'onnxruntime-common';
import { encodeSelfContained } from './onnx/encode.ts';
import { Graph } from './onnx/graph.ts';
import { convolution, convolutionTranspose, upsample } from './onnx/operators/index.ts';
import type { Tensors } from './runtime.ts';

const CHANNELS = 32;
const SIDE = 96;
/** Channels, height and width of a small map, and channels that it is enlarged to. */
const [DEPTH, HEIGHT, WIDTH, WIDER] = [3, 5, 6, 4];

/**
 * Tiny networks whose answers are known: the mean over all channels and 3x3 pixels, a map enlarged by a transposed convolution, and one
 * enlarged between its pixels. A runtime proves on them that it computes, and computes right, before it is trusted with a model: these are
 * what segmenters went wrong by in other layouts of their pixels. The first is large enough to tell a graphics card from a program that plays
 * one.
 */
export function canaryModel(): Uint8Array {
	const graph = new Graph({ name: 'canary', weights: new Map() });
	const x = graph.input('x', 'float32', [1, CHANNELS, SIDE, SIDE]);
	const taps = CHANNELS * CHANNELS * 9;
	const kernel = new Float32Array(taps).fill(1 / (CHANNELS * 9));
	const average = graph.constant(kernel, [CHANNELS, CHANNELS, 3, 3]);
	graph.output('mean', convolution(x, average, undefined, { padding: 1 }));

	const map = graph.input('map', 'float32', [1, DEPTH, HEIGHT, WIDTH]);
	const spread = graph.constant(Float32Array.from({ length: DEPTH * WIDER * 4 }, spreadOf), [
		DEPTH,
		WIDER,
		2,
		2
	]);
	graph.output('spread', convolutionTranspose(map, spread, undefined, 2));
	graph.output('between', upsample(map, 2));
	return encodeSelfContained(graph.define());
}

/** The transposed convolution's kernel [DEPTH, WIDER, 2, 2]: each number is another. */
const spreadOf = (_: unknown, i: number) => i / 16;

/** The map: a slope, steeper downwards, and another for each channel. */
const mapAt = (channel: number, y: number, x: number) => channel * 8 + y * 2 + x / 2;

/** Every channel is filled with its own number, so that a mistaken layout shows. */
export function canaryFeeds(): Tensors {
	const data = new Float32Array(CHANNELS * SIDE * SIDE);
	for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / (SIDE * SIDE));
	return {
		x: new Tensor('float32', data, [1, CHANNELS, SIDE, SIDE]),
		map: new Tensor('float32', filled(DEPTH, HEIGHT, WIDTH, mapAt), [1, DEPTH, HEIGHT, WIDTH])
	};
}

/** Whether the canary's answers are right, but for the rounding of half precision. */
export async function isCanaryRight(answer: Tensors): Promise<boolean> {
	const right = {
		mean: filled(CHANNELS, SIDE, SIDE, meanAt),
		spread: filled(WIDER, 2 * HEIGHT, 2 * WIDTH, spreadAt),
		between: filled(DEPTH, 2 * HEIGHT, 2 * WIDTH, betweenAt)
	};
	for (const [name, expected] of Object.entries(right)) {
		const found = (await answer[name]!.getData()) as Float32Array;
		const isRight = expected.every((value, i) => Math.abs(found[i]! - value) < 0.02);
		if (!isRight || found.length !== expected.length) return false;
	}
	return true;
}

function meanAt(_: number, y: number, x: number): number {
	const last = SIDE - 1;
	// Outside the picture is zero.
	const covered = (x % last === 0 ? 2 / 3 : 1) * (y % last === 0 ? 2 / 3 : 1);
	return ((CHANNELS - 1) / 2) * covered;
}

function spreadAt(channel: number, y: number, x: number): number {
	let sum = 0;
	for (let from = 0; from < DEPTH; from++) {
		const tap = ((from * WIDER + channel) * 2 + (y % 2)) * 2 + (x % 2);
		sum += spreadOf(0, tap) * mapAt(from, Math.floor(y / 2), Math.floor(x / 2));
	}
	return sum;
}

function betweenAt(channel: number, y: number, x: number): number {
	const place = (at: number, size: number) => Math.min(Math.max(at / 2 - 0.25, 0), size - 1);
	return mapAt(channel, place(y, HEIGHT), place(x, WIDTH));
}

/** Numbers of a map, by channel, row and column. */
function filled(
	channels: number,
	height: number,
	width: number,
	value: (channel: number, y: number, x: number) => number
): Float32Array {
	const [row, plane] = [width, width * height];
	return Float32Array.from({ length: channels * plane }, (_, i) =>
		value(Math.floor(i / plane), Math.floor((i % plane) / row), i % row)
	);
}
