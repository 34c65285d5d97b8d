import { Graph } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { cast } from '../../onnx/operators/index.ts';
import type { GraphDefinition, Shape } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { gridOf } from '../config.ts';
import { instanceMasks, pixelFeatures } from '../network/detection-masks.ts';

/**
 * Masks of what was found. With g the grid's side and s = 4g: det_0 [1, C, s, s], det_1 [1, C, 2g, 2g], encoded [1, C, g, g] and prompt
 * [1, L, C] as the detector had it, queries [1, N, C] (those chosen) to masks [1, N, s, s] and semantic [1, 1, s, s] (of everything that
 * is meant), both logits.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildDetectionMasks(build: Sam3Build): GraphDefinition {
	const grid = gridOf(build.config, build.size);
	const { fpn_hidden_size: channels, scale_factors } = build.config.detector_config.vision_config;
	const graph = new Graph({ name: 'sam3-detection-masks', weights: build.weights });
	const net = graph.scope(build.precision).in('detector_model.mask_decoder');
	const take = (name: string, shape: Shape) => cast(graph.input(name, 'float32', shape), net.precision);
	const map = (name: string, factor: number) => take(name, [1, channels, factor * grid, factor * grid]);

	const finer = [map('det_0', scale_factors[0]!), map('det_1', scale_factors[1]!)];
	const encoded = map('encoded', 1);
	const prompt = take('prompt', [1, 'L', channels]);
	const queries = take('queries', [1, 'N', channels]);
	const pixels = pixelFeatures(net, finer, encoded, prompt, build);
	graph.output('masks', cast(instanceMasks(net, pixels, queries, build), 'float32'));
	graph.output('semantic', cast(conv(net.in('semantic_projection'), pixels), 'float32'));
	return graph.define();
}
