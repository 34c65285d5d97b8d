import { Graph, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import {
	add,
	cast,
	greater,
	multiply,
	reshape,
	sigmoid,
	unsqueeze,
	where
} from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { encodedSide, gridOf } from '../config.ts';
import { memoryEncoder } from '../network/memory-encoder.ts';
import { resizeSquare } from '../network/resize.ts';

/**
 * `Sam3Networks.memoryEncoder`: what is remembered of objects on a frame.
 * @throws CodedError `weights-missing`, `weights-shape`
 * @throws RangeError when the size is no multiple of the patch
 */
export function buildMemoryEncoder(build: Sam3Build): GraphDefinition {
	const { config, size, weights } = build;
	const graph = new Graph({ name: 'sam3-memory-encoder', weights });
	const side = 4 * gridOf(config, size);
	const logits = graph.input('mask', 'float32', ['B', 1, side, side]);
	const binarise = graph.input('binarise', 'bool', ['B']);
	// Upstream enlarges masks to the input's size first, and from there to what the encoder takes.
	const large = resizeSquare(logits, size, encodedSide(config, size));
	const isCut = unsqueeze(binarise, -1, -2, -3);
	return remembered(graph, where(isCut, cast(greater(large, 0), 'float32'), sigmoid(large)), build);
}

/**
 * `Sam3Networks.maskMemory`: what is remembered of objects on a frame by masks that are as large as the encoder takes them.
 * @throws CodedError `weights-missing`, `weights-shape`
 * @throws RangeError when the size is no multiple of the patch
 */
export function buildMaskMemory(build: Sam3Build): GraphDefinition {
	const graph = new Graph({ name: 'sam3-mask-memory', weights: build.weights });
	const side = encodedSide(build.config, build.size);
	return remembered(graph, graph.input('mask', 'float32', ['B', 1, side, side]), build);
}

/**
 * A graph that encodes masks together with what a frame shows.
 * @param mask [B, 1, side, side], 0 to 1
 */
function remembered(graph: Graph, mask: Value, build: Sam3Build): GraphDefinition {
	const { config, size, precision } = build;
	const grid = gridOf(config, size);
	const channels = config.detector_config.vision_config.fpn_hidden_size;
	const { sigmoid_scale_for_mem_enc: scale, sigmoid_bias_for_mem_enc: bias } = config.tracker_config;
	const net = graph.scope(precision).in('tracker_model');

	const frame = graph.input('trk_2', 'float32', [1, channels, grid, grid]);
	const score = graph.input('score', 'float32', ['B', 1]);
	const scaled = add(multiply(mask, scale), bias);
	const memory = memoryEncoder(
		net.in('memory_encoder'),
		cast(frame, precision),
		cast(scaled, precision),
		build
	);
	const absent = net.weight('occlusion_spatial_embedding_parameter');
	const isThere = unsqueeze(greater(score, 0), -1, -2);
	const known = where(isThere, 0, reshape(absent, [1, absent.shape[1]!, 1, 1]));
	graph.output('memory', cast(add(memory, known), 'float32'));
	return graph.define();
}

/**
 * `Sam3Networks.maskDownsample`: a mask that the user made, as the mask decoder takes one.
 * @throws CodedError `weights-missing`, `weights-shape`
 * @throws RangeError when the size is no multiple of the patch
 */
export function buildMaskDownsample({ weights, config, size }: Sam3Build): GraphDefinition {
	const graph = new Graph({ name: 'sam3-mask-downsample', weights });
	const net = graph.scope().in('tracker_model.mask_downsample');
	const mask = graph.input('mask', 'float32', ['B', 1, size, size]);
	const stride = net.shapeOf('weight')[2]!;
	graph.output('mask_input', resizeSquare(conv(net, mask, { stride }), 4 * gridOf(config, size)));
	return graph.define();
}
