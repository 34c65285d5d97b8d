import { Graph, type Value } from '../../onnx/graph.ts';
import { cast } from '../../onnx/operators/index.ts';
import type { GraphDefinition } from '../../onnx/types.ts';
import type { Sam3Build } from '../build.ts';
import { pyramidLevel } from '../network/neck.ts';
import { visionTransformer } from '../network/vit.ts';

export interface VisionEncoderOptions {
	/** Gives out the level that nothing uses, too: det_3. */
	readonly trace?: boolean;
}

/**
 * `Sam3Networks.vision`: one vision transformer, and the pyramids of both halves.
 * @throws CodedError `weights-missing`, `weights-shape`
 * @throws RangeError when the size is no multiple of the patch
 */
export function buildVisionEncoder(
	build: Sam3Build,
	{ trace = false }: VisionEncoderOptions = {}
): GraphDefinition {
	const graph = new Graph({ name: 'sam3-vision', weights: build.weights });
	const net = graph.scope(build.precision);
	const pixels = graph.input('pixels', 'float32', [1, 3, build.size, build.size]);
	const encoder = net.in('detector_model.vision_encoder');
	const map = visionTransformer(encoder.in('backbone'), pixels, build);

	const scales = build.config.detector_config.vision_config.scale_factors;
	const give = (name: string, value: Value) => graph.output(name, cast(value, 'float32'));
	const detectorLevels = trace ? scales : scales.slice(0, 3);
	for (const [i, scale] of detectorLevels.entries())
		give(`det_${i}`, pyramidLevel(encoder.in('neck.fpn_layers').in(i), map, scale));

	const decoder = net.in('tracker_model.mask_decoder');
	const projections = [decoder.in('conv_s0'), decoder.in('conv_s1'), undefined];
	for (const [i, projection] of projections.entries()) {
		const level = net.in('tracker_neck.fpn_layers').in(i);
		give(`trk_${i}`, pyramidLevel(level, map, scales[i]!, projection));
	}
	return graph.define();
}
