import { Graph } from '../../onnx/graph.ts';
import { cast } from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { gridOf } from '../config.ts';
import { corners } from '../network/boxes.ts';
import { detrDecoder } from '../network/detr-decoder.ts';
import { detrEncoder } from '../network/detr-encoder.ts';
import { sinePositions } from '../network/position-encoding.ts';
import { scoring } from '../network/scoring.ts';
import { mapOf, tokensOf } from '../network/tokens.ts';

/**
 * What on a frame answers to a prompt. With g the grid's side: det_2 [1, C, g, g] and prompt [1, L, C] (nothing but tokens that count) to
 * boxes [1, Q, 4] (x1, y1, x2, y2, 0 to 1), logits [1, Q], presence [1, 1], queries [1, Q, C] and encoded [1, C, g, g].
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildDetector(build: Sam3Build): GraphDefinition {
	const grid = gridOf(build.config, build.size);
	const channels = build.config.detector_config.vision_config.fpn_hidden_size;
	const graph = new Graph({ name: 'sam3-detector', weights: build.weights });
	const net = graph.scope(build.precision).in('detector_model');
	const image = tokensOf(graph.input('det_2', 'float32', [1, channels, grid, grid]));
	const prompt = graph.input('prompt', 'float32', [1, 'L', channels]);
	const words = cast(prompt, net.precision);
	const position = cast(sinePositions(graph, grid, grid, channels), net.precision);

	const encoded = detrEncoder(net.in('detr_encoder'), image, position, words, build);
	const places = cast(encoded, net.precision);
	const { queries, boxes, presence } = detrDecoder(net.in('detr_decoder'), places, position, words, build);
	graph.output('boxes', corners(boxes));
	graph.output('logits', scoring(net.as('float32').in('dot_product_scoring'), queries, prompt));
	graph.output('presence', presence);
	graph.output('queries', queries);
	graph.output('encoded', mapOf(encoded, grid));
	return graph.define();
}
