import { module, type Scope, type Value } from '../../onnx/graph.ts';
import {
	add,
	concat,
	convolutionTranspose,
	flatten,
	gelu,
	matmul,
	repeatLike,
	reshape,
	sigmoid,
	slice,
	squeeze,
	unsqueeze
} from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { channelNorm } from './channel-norm.ts';
import { mlp } from './mlp.ts';
import { mapOf, tokensOf } from './tokens.ts';
import { twoWayTransformer } from './two-way.ts';

/** What the decoder reads. */
export interface DecoderInputs {
	/** The frame with what is remembered, and with a mask's map: [B, C, g, g]. */
	readonly feature: Value;
	/** [g · g, C] */
	readonly positions: Value;
	/** The prompt: [B, N, C]. */
	readonly prompt: Value;
	/** [1, 32, 4g, 4g] and [1, 64, 2g, 2g]. */
	readonly fine: readonly [Value, Value];
}

/** What it answers, for each of its K masks. */
export interface Decoded {
	/** Logits, [B, K, 4g, 4g]. */
	readonly masks: Value;
	/** The likeness to the target that it expects, 0 to 1: [B, K]. */
	readonly iou: Value;
	/** Whether the target is there, a logit: [B, 1]. */
	readonly score: Value;
	/** [B, K, C] */
	readonly tokens: Value;
}

/**
 * Masks of what a prompt means (Kirillov et al., 2023; Ravi et al., 2024): the single one first, then the alternatives.
 * @param net `tracker_model.mask_decoder`
 */
export const maskDecoder = module(
	(net: Scope, { feature, positions, prompt, fine }: DecoderInputs, build: Sam3Build): Decoded => {
		const own = ['obj_score_token', 'iou_token', 'mask_tokens'].map((name) => net.weight(`${name}.weight`));
		const count = own[2]!.shape[0] as number;
		const tokens = concat([repeatLike(unsqueeze(concat(own, 0), 0), prompt), prompt], 1);
		const read = twoWayTransformer(net.in('transformer'), tokens, tokensOf(feature), positions, build);
		const token = (index: number) => squeeze(slice(read.tokens, 1, index, index + 1), 1);

		const side = feature.shape[2] as number;
		const map = enlarge(net, mapOf(read.image, side), fine);
		const weights = Array.from({ length: count }, (_, i) =>
			unsqueeze(mlp(net.in('output_hypernetworks_mlps').in(i), token(2 + i), build), 1)
		);
		const masks = matmul(concat(weights, 1), flatten(map, 2, 3));
		return {
			masks: reshape(masks, [feature.shape[0]!, count, 4 * side, 4 * side]),
			iou: sigmoid(mlp(net.in('iou_prediction_head'), token(1), build)),
			score: mlp(net.in('pred_obj_score_head'), token(0), build),
			tokens: slice(read.tokens, 1, 2, 2 + count)
		};
	}
);

/** The image at four times its size, with the frame's fine maps: [B, C, g, g] to [B, C/8, 4g, 4g]. */
function enlarge(net: Scope, map: Value, [finest, fine]: readonly [Value, Value]): Value {
	const twice = (place: Scope, x: Value) =>
		convolutionTranspose(x, place.weight('weight'), place.weight('bias'), 2);
	const middle = add(twice(net.in('upscale_conv1'), map), fine);
	const normed = gelu(channelNorm(net.in('upscale_layer_norm'), middle, 1e-6));
	return gelu(add(twice(net.in('upscale_conv2'), normed), finest));
}
