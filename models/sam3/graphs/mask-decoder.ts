import { Graph } from '../../onnx/graph.ts';
import { add } from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { gridOf } from '../config.ts';
import { maskDecoder } from '../network/mask-decoder.ts';
import { mlp } from '../network/mlp.ts';
import { imagePositions, maskMap, pointTokens } from '../network/prompt-encoder.ts';

/**
 * `Sam3Networks.decoder`: the masks of objects by what was pointed at, and their pointers. It computes in float32 whatever the build's
 * precision: it is small, and masks in half precision were off by a hundredth.
 * @throws CodedError `weights-missing`, `weights-shape`
 * @throws RangeError when the size is no multiple of the patch
 */
export function buildMaskDecoder(build: Sam3Build): GraphDefinition {
	const grid = gridOf(build.config, build.size);
	const channels = build.config.detector_config.vision_config.fpn_hidden_size;
	const graph = new Graph({ name: 'sam3-mask-decoder', weights: build.weights });
	const net = graph.scope().in('tracker_model');
	const decoder = net.in('mask_decoder');
	/** A fine map, with as many channels as the vision encoder projects it to. */
	const fine = (level: 0 | 1, times: number) =>
		graph.input(`trk_${level}`, 'float32', [
			1,
			decoder.shapeOf(`conv_s${level}.weight`)[0]!,
			times * grid,
			times * grid
		]);

	const finest = fine(0, 4);
	const finer = fine(1, 2);
	const feature = graph.input('feature', 'float32', ['B', channels, grid, grid]);
	const points = graph.input('points', 'float32', ['B', 'N', 2]);
	const labels = graph.input('labels', 'int64', ['B', 'N']);
	const mask = graph.input('mask_input', 'float32', ['B', 1, 4 * grid, 4 * grid]);
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
	for (const [name, value] of Object.entries({ masks, iou, score, pointers })) graph.output(name, value);
	return graph.define();
}
