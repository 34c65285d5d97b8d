import { Graph } from '../../onnx/graph.ts';
import { cast } from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { dense } from '../network/dense.ts';
import { textTransformer } from '../network/text.ts';

/**
 * What a phrase means to the detector: ids int64 [1, L], mask bool [1, L] (true: a token of the phrase) to text [1, L, C], with L the
 * configuration's `max_position_embeddings`. What stands where the mask is false means nothing.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildTextEncoder(build: Sam3Build): GraphDefinition {
	const length = build.config.detector_config.text_config.max_position_embeddings;
	const graph = new Graph({ name: 'sam3-text-encoder', weights: build.weights });
	const net = graph.scope(build.precision).in('detector_model');
	const ids = graph.input('ids', 'int64', [1, length]);
	const mask = graph.input('mask', 'bool', [1, length]);
	const hidden = textTransformer(net.in('text_encoder.text_model'), ids, mask, build);
	graph.output('text', cast(dense(net.in('text_projection'), hidden, build), 'float32'));
	return graph.define();
}
