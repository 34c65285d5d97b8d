import { Graph } from '../../onnx/graph.ts';
import { add, cast } from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { gridOf } from '../config.ts';
import { maskDecoder } from '../network/mask-decoder.ts';
import { mlp } from '../network/mlp.ts';
import { imagePositions, maskMap, pointTokens } from '../network/prompt-encoder.ts';

/**
 * `Sam3Networks.decoder`: the masks of objects by what was pointed at, and their pointers.
 * @throws CodedError `weights-missing`, `weights-shape`
 * @throws RangeError when the size is no multiple of the patch
 */
export function buildMaskDecoder(build: Sam3Build): GraphDefinition {
	const grid = gridOf(build.config, build.size);
	const channels = build.config.detector_config.vision_config.fpn_hidden_size;
	const graph = new Graph({ name: 'sam3-mask-decoder', weights: build.weights });
	const net = graph.scope(build.precision).in('tracker_model');
	const decoder = net.in('mask_decoder');
	const maps = (name: string, shape: readonly (number | string)[]) =>
		cast(graph.input(name, 'float32', shape), build.precision);
	/** A fine map, with as many channels as the vision encoder projects it to. */
	const fine = (level: 0 | 1, times: number) =>
		maps(`trk_${level}`, [1, decoder.shapeOf(`conv_s${level}.weight`)[0]!, times * grid, times * grid]);

	const finest = fine(0, 4);
	const finer = fine(1, 2);
	const feature = maps('feature', ['B', channels, grid, grid]);
	const points = graph.input('points', 'float32', ['B', 'N', 2]);
	const labels = graph.input('labels', 'int64', ['B', 'N']);
	const mask = maps('mask_input', ['B', 1, 4 * grid, 4 * grid]);
	const hasMask = graph.input('has_mask', 'bool', ['B']);

	const decoded = maskDecoder(
		decoder,
		{
			feature: add(feature, maskMap(net.in('prompt_encoder'), mask, hasMask, build)),
			positions: imagePositions(net, grid),
			prompt: pointTokens(net, points, labels, build),
			fine: [finest, finer]
		},
		build
	);
	const { masks, iou, score, tokens } = decoded;
	const pointers = mlp(net.in('object_pointer_proj'), tokens, build);
	for (const [name, value] of Object.entries({ masks, iou, score, pointers }))
		graph.output(name, cast(value, 'float32'));
	return graph.define();
}
