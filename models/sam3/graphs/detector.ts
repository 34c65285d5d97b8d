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
	const image = cast(tokensOf(graph.input('det_2', 'float32', [1, channels, grid, grid])), net.precision);
	const prompt = cast(graph.input('prompt', 'float32', [1, 'L', channels]), net.precision);
	const position = cast(sinePositions(graph, grid, grid, channels), net.precision);

	const encoded = detrEncoder(net.in('detr_encoder'), image, position, prompt, build);
	const { queries, boxes, presence } = detrDecoder(net.in('detr_decoder'), encoded, position, prompt, build);
	const logits = scoring(
		net.as('float32').in('dot_product_scoring'),
		cast(queries, 'float32'),
		cast(prompt, 'float32'),
		build
	);

	graph.output('boxes', corners(boxes));
	graph.output('logits', logits);
	graph.output('presence', presence);
	graph.output('queries', cast(queries, 'float32'));
	graph.output('encoded', cast(mapOf(encoded, grid), 'float32'));
	return graph.define();
}
