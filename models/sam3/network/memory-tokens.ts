import { module, type Scope, type Value } from '../../onnx/graph.ts';
import {
	add,
	cast,
	concat,
	cosine,
	flatten,
	gather,
	multiply,
	reshape,
	sine,
	transpose,
	unsqueeze,
	where
} from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { dense } from './dense.ts';
import { sinePositions } from './position-encoding.ts';

/** What is remembered of B objects, in tokens of D channels: M maps of g · g places each, then pointers, each cut into C / D tokens. */
export interface MemoryTokens {
	/** All of them, [B, T, D]. */
	readonly values: Value;
	/** Those of the maps with where and when they are, [B, M · g · g, D]. */
	readonly maps: Value;
	/** Those of the pointers with when they are, [B, P · C / D, D]. */
	readonly pointers: Value;
	/** Channels that keys get besides where some tokens do not count, [B, T, 8]: 0, or so low that the token's weight is exactly 0. */
	readonly extra?: Value;
}

/** The graph's inputs; what is valid is told where the bank is of a fixed size. */
export interface MemoryInputs {
	/** [B, M, D, g, g] */
	readonly memory: Value;
	/** int64 [B, M] */
	readonly row: Value;
	/** [B, P, C] */
	readonly pointers: Value;
	/** [B, P], float32 */
	readonly age: Value;
	/** bool [B, M] and [B, P]. */
	readonly valid?: { readonly memory: Value; readonly pointers: Value };
}

/** How many channels keys get besides: attention wants a multiple of 8. */
const EXTRA = 8;
/** Eight of it, over √256, take a score below where its exponential is 0, and stay within half precision. */
const LOW = -4096;
const TEMPERATURE = 10_000;

/** @param net `tracker_model` */
export const memoryTokens = module(
	(net: Scope, inputs: MemoryInputs, build: Pick<Sam3Build, 'blockSize'>): MemoryTokens => {
		const { memory, row, pointers, age } = inputs.valid ? cleared(inputs, inputs.valid) : inputs;
		const [depth, side] = memory.shape.slice(2) as [number, number];
		const maps = transpose(flatten(memory, 3, 4), [0, 1, 3, 2]);
		const places = cast(sinePositions(net.graph, side, side, depth), net.precision);
		const table = net.weight('memory_temporal_positional_encoding');
		const rows = gather(reshape(table, [table.shape[0]!, depth]), row, 0);

		const [batch, count, channels] = pointers.shape;
		const cut = reshape(pointers, [batch!, count!, (channels as number) / depth, depth]);
		const sines = cast(ageSines(age, channels as number), net.precision);
		const ages = dense(net.in('temporal_positional_encoding_projection_layer'), sines, build);

		const tokens = (value: Value) => flatten(value, 1, 2);
		return {
			values: concat([tokens(maps), tokens(cut)], 1),
			maps: tokens(add(add(maps, places), unsqueeze(rows, 2))),
			pointers: tokens(add(cut, unsqueeze(ages, 2))),
			extra: inputs.valid && extraChannels(inputs.valid, side * side, (channels as number) / depth, net)
		};
	}
);

/** The same inputs with zeros where they are not valid, whatever was there. */
function cleared(
	{ memory, row, pointers, age }: MemoryInputs,
	valid: { readonly memory: Value; readonly pointers: Value }
): MemoryInputs {
	return {
		memory: where(unsqueeze(valid.memory, -1, -2, -3), memory, 0),
		row: where(valid.memory, row, 0),
		pointers: where(unsqueeze(valid.pointers, -1), pointers, 0),
		age: where(valid.pointers, age, 0)
	};
}

/** `MemoryTokens.extra`, where each map has so many tokens, and each pointer so many. */
function extraChannels(
	valid: { readonly memory: Value; readonly pointers: Value },
	ofMap: number,
	ofPointer: number,
	net: Scope
): Value {
	const each = (isValid: Value, tokens: number) => {
		const low = net.constant(new Float32Array(tokens * EXTRA).fill(LOW), [tokens, EXTRA]);
		return flatten(where(unsqueeze(isValid, -1, -2), 0, low), 1, 2);
	};
	return concat([each(valid.memory, ofMap), each(valid.pointers, ofPointer)], 1);
}

/**
 * Ages as sines, then cosines, at falling frequencies (transformers, `get_1d_sine_pe`).
 * @param age [B, P]
 * @returns [B, P, channels]
 */
function ageSines(age: Value, channels: number): Value {
	const half = channels / 2;
	const frequencies = Float32Array.from(
		{ length: half },
		(_, i) => TEMPERATURE ** ((-2 * Math.floor(i / 2)) / half)
	);
	const phases = multiply(unsqueeze(age, -1), age.graph.constant(frequencies, [half]));
	return concat([sine(phases), cosine(phases)], -1);
}
