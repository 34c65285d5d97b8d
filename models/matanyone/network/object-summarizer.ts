import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { linear } from '../../onnx/layers.ts';
import {
	add,
	cast,
	concat,
	matmul,
	multiply,
	relu,
	reshape,
	sigmoid,
	subtract,
	sum,
	transpose,
	unsqueeze
} from '../../onnx/operators/index.ts';
import { atStride } from './feature-fusion.ts';
import { positionEncoding } from './position-encoding.ts';
import { tokens } from './tokens.ts';

/**
 * Summaries of a frame's target: weighted sums of its features, half of them over the foreground and half over the background, each
 * with its total weight.
 * @param mask [1, 1, H, W], 0 to 1, float32
 * @param value [1, C, h, w]
 * @returns [summaries, C + 1], float32
 */
export const objectSummarizer = module((net: Scope, mask: Value, value: Value): Value => {
	const [height, width] = value.shape.slice(2) as [number, number];
	const places = height * width;
	const position = cast(positionEncoding(net.in('pos_enc'), height, width), net.precision);
	const seen = cast(add(linear(net.in('input_proj'), tokens(value)), position), 'float32');

	const wide = net.as('float32');
	const features = perceptron(wide.in('feature_pred'), seen);
	const logits = perceptron(wide.in('weights_pred'), seen);
	const summaries = logits.shape[1] as number;
	const inside = reshape(atStride(mask, 16), [places, 1]);
	const sides = unsqueeze(concat([inside, subtract(1, inside)], 1), -1);
	const weights = reshape(multiply(reshape(sigmoid(logits), [places, 2, summaries / 2]), sides), [
		places,
		summaries
	]);
	const sums = matmul(transpose(weights, [1, 0]), features);
	return concat([sums, reshape(sum(weights, [0]), [summaries, 1])], 1);
});

const perceptron = module((net: Scope, x: Value): Value => linear(net.in(2), relu(linear(net.in(0), x))));
