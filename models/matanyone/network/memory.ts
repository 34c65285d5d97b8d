import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { batchNorm, conv } from '../../onnx/layers.ts';
import {
	add,
	cast,
	concat,
	gather,
	gemm,
	matmul,
	multiply,
	negate,
	relu,
	sigmoid,
	softmax,
	split,
	squeeze,
	subtract,
	sum,
	topK,
	unsqueeze
} from '../../onnx/operators/index.ts';
import { atStride } from './feature-fusion.ts';
import type { Key } from './image-encoder.ts';
import { mapOf, tokens } from './tokens.ts';

/** How many remembered places answer for one of the frame. */
export const TOP = 30;
/** Scores that are computed at once at most: 128 MiB. */
const SCORES = 1 << 25;
/** Frames in the memory that the parts are made for. */
const FRAMES = 5;

/*
 * The likeness of a frame's place q and a remembered place n is -s_n Σ e_q (k_n - k_q)² / √C (XMem; Cheng and Schwing, 2022). Multiplied out
 * it is one product of two matrices with 2C + 1 columns: [e, 2·k·e, -Σ e·k²] of the frame, and [-k², k, 1]·s/√C of the memory.
 */

/** A frame's places as the memory keeps them: [h * w, 2C + 1], float32. */
export function memoryRows({ key, shrinkage }: Key): Value {
	const [k, s] = [key, shrinkage].map((map) => cast(tokens(map), 'float32')) as [Value, Value];
	const [places, channels] = k.shape as [number, number];
	const one = k.graph.constant(new Float32Array(places).fill(1), [places, 1]);
	const rows = concat([negate(multiply(k, k)), k, one], 1);
	return multiply(rows, multiply(s, channels ** -0.5));
}

/** A frame's places as they ask the memory: [h * w, 2C + 1], float32. */
function queryRows({ key, selection }: Key): Value {
	const [k, e] = [key, selection].map((map) => cast(tokens(map), 'float32')) as [Value, Value];
	const weighted = multiply(k, e);
	return concat([e, multiply(weighted, 2), negate(sum(multiply(weighted, k), [1], true))], 1);
}

/**
 * Reads the memory for each place of a frame: the mean of the likeliest remembered values. Large frames are read in parts, so that the
 * scores of all places never lie in memory together.
 * @param memoryKey [N, 2C + 1], float32; N at least 30
 * @param memoryValue [N, V], float32
 * @returns [1, V, h, w], float32
 */
export function readMemory(key: Key, memoryKey: Value, memoryValue: Value): Value {
	const [height, width] = key.key.shape.slice(2) as [number, number];
	const places = height * width;
	const queries = queryRows(key);
	const parts = Math.ceil((FRAMES * places * places) / SCORES);
	const sizes = Array.from(
		{ length: parts },
		(_, i) => Math.floor(((i + 1) * places) / parts) - Math.floor((i * places) / parts)
	);
	const rows = (parts === 1 ? [queries] : split(queries, 0, sizes)).map((part) => {
		const [scores, which] = topK(gemm(part, memoryKey, undefined, { transB: true }), TOP);
		const values = gather(memoryValue, which, 0);
		return squeeze(matmul(unsqueeze(softmax(scores), 1), values), 1);
	});
	return mapOf(concat(rows, 0), height, width);
}

/**
 * How likely each place has changed since the last frame, as a logit: [1, 1, h, w].
 * @param difference what the memory answers less the last frame's value
 */
export const changePrediction = module(
	(net: Scope, lastPixFeat: Value, pixFeat: Value, lastMask: Value, difference: Value): Value => {
		const all = concat([lastPixFeat, pixFeat, atStride(lastMask, 16), difference], 1);
		const x = relu(batchNorm(net.in('bn1'), conv(net.in('conv1x1_v2'), all)));
		const y = relu(batchNorm(net.in('bn2'), conv(net.in('conv3x3'), x, { padding: 1 })));
		return conv(net.in('conv3x3_out'), y, { padding: 1 });
	}
);

/** Takes from the memory where the frame changed, and keeps the last frame's value where it did not. */
export function blend(change: Value, readout: Value, last: Value): Value {
	const p = sigmoid(change);
	return add(multiply(p, readout), multiply(subtract(1, p), last));
}
