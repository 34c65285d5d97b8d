import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { add, cast, concat, relu, upsample } from '../../onnx/operators/index.ts';
import { atStride } from './feature-fusion.ts';
import type { SkipFeatures } from './image-encoder.ts';
import { fullScaleUpdate } from './sensory-memory.ts';

/** What the decoder takes of an image's features, whatever the target: of those at stride 8, 4, 2 or 1 for i = 0 to 3. */
export const decoderFeature = module((net: Scope, i: number, feature: Value): Value =>
	conv(net.in(`decoder_feat_proc.transforms.${i}`), feature)
);

/** What the decoder takes at every stride. */
export const decoderFeatures = (net: Scope, { f8, f4, f2, f1 }: SkipFeatures): SkipFeatures => ({
	f8: decoderFeature(net, 0, f8),
	f4: decoderFeature(net, 1, f4),
	f2: decoderFeature(net, 2, f2),
	f1: decoderFeature(net, 3, f1)
});

/**
 * Draws the matte from coarse to fine, along the image's features, and tells the sensory memory of it.
 * @param readout [1, C, h, w]
 * @param features of the image, from `decoderFeatures`
 * @param sensory [1, S, h, w], float32
 * @returns the sensory memory, and the matte before it is limited to 0 to 1: [1, 1, H, W], float32
 */
export const maskDecoder = module(
	(
		net: Scope,
		readout: Value,
		{ f8, f4, f2, f1 }: SkipFeatures,
		sensory: Value
	): { sensory: Value; logits: Value } => {
		const p8 = upsampleBlock(net.in('up_16_8'), readout, f8);
		const p4 = upsampleBlock(net.in('up_8_4'), p8, f4);
		const p2 = upsampleBlock(net.in('up_4_2'), p4, f2);
		const p1 = upsampleBlock(net.in('up_2_1'), p2, f1);
		const logits = conv(net.as('float32').in('pred_mat'), cast(relu(p1), 'float32'), { padding: 1 });
		const finest = concat([atStride(p1, 16), cast(atStride(logits, 16), net.precision)], 1);
		const maps = [readout, atStride(p8, 2), atStride(p4, 4), atStride(p2, 8), finest];
		return { sensory: fullScaleUpdate(net.in('sensory_update'), maps, sensory), logits };
	}
);

/** Doubles the size, adds the image's features there, and refines by two 3x3 convolutions around a shortcut. */
const upsampleBlock = module((net: Scope, coarse: Value, feature: Value): Value => {
	const block = net.in('out_conv');
	const x = add(upsample(coarse, 2), feature);
	const inner = conv(block.in('conv1'), relu(x), { padding: 1 });
	const shortcut = block.has('downsample.weight') ? conv(block.in('downsample'), x) : x;
	return add(conv(block.in('conv2'), relu(inner), { padding: 1 }), shortcut);
});
