import { module, type Scope, type Value } from '../../onnx/graph.ts';
import {
	add,
	cast,
	concat,
	cosine,
	divide,
	flatten,
	gather,
	multiply,
	pad,
	reshape,
	sine,
	slice,
	transpose,
	unsqueeze,
	where
} from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { dense } from './dense.ts';
import { sinePositions } from './position-encoding.ts';

/** What is remembered of B objects, in tokens of D channels: M maps of g · g places each, then pointers, each cut into C / D tokens. */
export interface MemoryTokens {
	/** What is read of them, [B, T, D]; in a bank of a fixed size [B, T, C], see `counted`. */
	readonly values: Value;
	/** Those of the maps with where and when they are, [B, M · g · g, D]. */
	readonly maps: Value;
	/** Those of the pointers with when they are, [B, P · C / D, D]. */
	readonly pointers: Value;
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

const TEMPERATURE = 10_000;

/**
 * What is remembered, ready to be attended to.
 * @param net `tracker_model`
 */
export const memoryTokens = module(
	(net: Scope, inputs: MemoryInputs, build: Pick<Sam3Build, 'blockSize'>): MemoryTokens => {
		const { memory, row, pointers, age } = inputs.valid ? filled(inputs, inputs.valid) : inputs;
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
		const read = (value: Value, valid?: Value) =>
			tokens(valid ? counted(value, valid, channels as number) : value);
		return {
			values: concat([read(maps, inputs.valid?.memory), read(cut, inputs.valid?.pointers)], 1),
			maps: tokens(add(add(maps, places), unsqueeze(rows, 2))),
			pointers: tokens(add(cut, unsqueeze(ages, 2)))
		};
	}
);

/**
 * The same inputs without what was in slots that are not valid: the first map stands there, so that keys are as likely as others, and
 * pointers are 0.
 */
function filled(
	{ memory, row, pointers, age }: MemoryInputs,
	valid: { readonly memory: Value; readonly pointers: Value }
): MemoryInputs {
	return {
		memory: where(unsqueeze(valid.memory, -1, -2, -3), memory, slice(memory, 1, 0, 1)),
		row: where(valid.memory, row, slice(row, 1, 0, 1)),
		pointers: where(unsqueeze(valid.pointers, -1), pointers, 0),
		age: where(valid.pointers, age, 0)
	};
}

/**
 * Tokens whose mean tells how much of it came from those that count: channels of 1 besides, and all 0 in the others. `meanOf` divides by
 * it, which is exact without a mask: those turn off the attention that never lays out scores. So would values of another width than keys.
 * @param tokens [B, N, n, D], n of each slot
 * @param valid bool [B, N]
 * @returns [B, N, n, width]
 */
function counted(tokens: Value, valid: Value, width: number): Value {
	const pads = [0, 0, 0, width - (tokens.shape[3] as number)].map((after) => [0, after] as const);
	return where(unsqueeze(valid, -1, -2), pad(tokens, pads, 'constant', 1), 0);
}

/**
 * The mean of D channels over the tokens that count, where `values` were averaged over all.
 * @param read [B, Q, D], or [B, Q, C] of a bank of a fixed size
 * @returns [B, Q, D]
 */
export function meanOf(read: Value, depth: number): Value {
	if (read.shape[2] === depth) return read;
	return divide(slice(read, 2, 0, depth), slice(read, 2, depth, depth + 1));
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
