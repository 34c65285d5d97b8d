import type { Graph, Value } from '../../onnx/graph.ts';
import {
	concat,
	cosine,
	expand,
	flatten,
	multiply,
	reshape,
	sine,
	unsqueeze
} from '../../onnx/operators/index.ts';

const TEMPERATURE = 10_000;

/**
 * Sine and cosine by turns of a number at falling frequencies, 2π to 2π / 10 000 (Vaswani et al., 2017; transformers,
 * `Sam3SinePositionEmbedding`).
 * @param x [..., 1], of 0 to 1
 * @param features how many, even
 * @returns [..., features]
 */
export function sineFeatures(x: Value, features: number): Value {
	const frequencies = Float32Array.from(
		{ length: features / 2 },
		(_, i) => (2 * Math.PI) / TEMPERATURE ** ((2 * i) / features)
	);
	const phases = multiply(x, x.graph.constant(frequencies, [features / 2], x.dtype));
	const pairs = concat([unsqueeze(sine(phases), -1), unsqueeze(cosine(phases), -1)], -1);
	return flatten(pairs, -2, -1);
}

/**
 * Where each place of a map lies, in channels: y in the first half, x in the second (Carion et al., 2020). It depends on no input: the
 * runtime computes it once, when it loads the graph.
 * @returns [height · width, channels], float32
 */
export function sinePositions(graph: Graph, height: number, width: number, channels: number): Value {
	const features = channels / 2;
	const along = (size: number) => {
		const places = Float32Array.from({ length: size }, (_, i) => (i + 1) / (size + 1e-6));
		return sineFeatures(graph.constant(places, [size, 1]), features);
	};
	const y = expand(unsqueeze(along(height), 1), [height, width, features]);
	const x = expand(unsqueeze(along(width), 0), [height, width, features]);
	return reshape(concat([y, x], -1), [height * width, channels]);
}
