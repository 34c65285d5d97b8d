import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { concat, cosine, expand, multiply, reshape, sine, unsqueeze } from '../../onnx/operators/index.ts';

/** What positions along an axis are stretched to. */
const SCALE = 32;

/** Sines and cosines of a column or row number, by turns: [size, 2F]. */
function alongAxis(frequencies: Value, size: number): Value {
	const places = Float32Array.from({ length: size }, (_, i) => (i / (size - 1 + 1e-6)) * SCALE);
	const phases = multiply(frequencies.graph.constant(places, [size, 1]), frequencies);
	const [, count] = phases.shape;
	const pairs = concat([unsqueeze(sine(phases), -1), unsqueeze(cosine(phases), -1)], -1);
	return reshape(pairs, [size, 2 * (count as number)]);
}

/**
 * Where a place in the image lies, in channels: x in the first half, y in the second (Carion et al., 2020). It depends on no input, so
 * the runtime computes it once, when it loads the graph.
 * @returns [height * width, C], float32
 */
export const positionEncoding = module((net: Scope, height: number, width: number): Value => {
	const frequencies = net.as('float32').weight('inv_freq');
	const x = unsqueeze(alongAxis(frequencies, width), 0);
	const y = unsqueeze(alongAxis(frequencies, height), 1);
	const channels = x.shape[2] as number;
	const both = [x, y].map((axis) => expand(axis, [height, width, channels]));
	return reshape(concat(both, 2), [height * width, 2 * channels]);
});
