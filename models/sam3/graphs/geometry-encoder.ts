import { Graph } from '../../onnx/graph.ts';
import { cast } from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { gridOf } from '../config.ts';
import { geometryEncoder } from '../network/geometry.ts';
import { sinePositions } from '../network/position-encoding.ts';
import { tokensOf } from '../network/tokens.ts';

/**
 * What examples on a frame tell the detector. With g the grid's side and R the configuration's `roi_size`: det_2 [1, C, g, g], boxes
 * [1, N, 4] (centre x, y, width, height, 0 to 1), labels int64 [1, N] (1 alike, 0 unlike), roi_y [N, R, g] and roi_x [N, R, g] (see
 * `roiWeights`) to geometry [1, N + 1, C], the last token the summary.
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildGeometryEncoder(build: Sam3Build): GraphDefinition {
	const grid = gridOf(build.config, build.size);
	const { vision_config, geometry_encoder_config } = build.config.detector_config;
	const channels = vision_config.fpn_hidden_size;
	const roi = ['N', geometry_encoder_config.roi_size, grid];
	const graph = new Graph({ name: 'sam3-geometry-encoder', weights: build.weights });
	const net = graph.scope(build.precision).in('detector_model.geometry_encoder');
	const image = cast(tokensOf(graph.input('det_2', 'float32', [1, channels, grid, grid])), net.precision);
	const examples = {
		boxes: graph.input('boxes', 'float32', [1, 'N', 4]),
		labels: graph.input('labels', 'int64', [1, 'N']),
		roiY: graph.input('roi_y', 'float32', roi),
		roiX: graph.input('roi_x', 'float32', roi)
	};
	const position = cast(sinePositions(graph, grid, grid, channels), net.precision);
	graph.output('geometry', cast(geometryEncoder(net, image, position, examples, build), 'float32'));
	return graph.define();
}
