import type { Scope, Value } from '../../onnx/graph.ts';
import { concat, expand, reshape, rotaryEmbedding, unsqueeze } from '../../onnx/operators/index.ts';

/** By how much each pair of channels is turned at each place: cosines and sines, [side · side, headSize / 2]. */
export interface Rope {
	readonly cos: Value;
	readonly sin: Value;
}

export interface RopeOptions {
	/** Places along each side of the map. */
	readonly side: number;
	/** Channels of a head, a multiple of 4. */
	readonly headSize: number;
	readonly theta: number;
	/** What positions are multiplied by: `window / side` in the global layers of the vision encoder, 1 elsewhere. */
	readonly scale?: number;
}

/**
 * The rotary position embedding of a square map: the first half of a head's channels turns with the column, the second with the row, in
 * pairs of neighbours (Su et al., 2021; Heo et al., 2024; transformers, `Sam3ViTRotaryEmbedding`). It depends on no input: the runtime
 * computes it once, when it loads the graph.
 */
export function axialRope(net: Scope, { side, headSize, theta, scale = 1 }: RopeOptions): Rope {
	const each = headSize / 4;
	const table = (of: (angle: number) => number): Value => {
		const values = Float32Array.from({ length: side * each }, (_, i) => {
			const frequency = theta ** ((-4 * (i % each)) / headSize);
			return of(Math.floor(i / each) * scale * frequency);
		});
		const along = net.constant(values, [side, each]);
		const x = expand(unsqueeze(along, 0), [side, side, each]);
		const y = expand(unsqueeze(along, 1), [side, side, each]);
		return reshape(concat([x, y], -1), [side * side, 2 * each]);
	};
	return { cos: table(Math.cos), sin: table(Math.sin) };
}

/**
 * Turns the queries or keys of a map by their places.
 * @param x [B, side · side, heads · headSize]; several maps are several batches
 */
export function rotate(x: Value, { cos, sin }: Rope): Value {
	return rotaryEmbedding(x, cos, sin, { interleaved: true });
}
