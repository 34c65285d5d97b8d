import { module, type Graph, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import {
	add,
	concat,
	cosine,
	equal,
	gather,
	gelu,
	matmul,
	multiply,
	reshape,
	sine,
	subtract,
	unsqueeze,
	where
} from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { channelNorm } from './channel-norm.ts';

/** The label of a point that stands for none; it is the smallest. */
const PADDING = -1;

/**
 * What a user points at, as tokens.
 * @param net `tracker_model`
 * @param points [B, N, 2], x and y in input pixels
 * @param labels [B, N], int64: 1 in, 0 out, 2 and 3 the corners of a box, -1 padding
 * @returns [B, N, C]
 */
export const pointTokens = module(
	(net: Scope, points: Value, labels: Value, { size }: Pick<Sam3Build, 'size'>): Value => {
		// A pixel's place is its middle.
		const places = fourierPositions(net, multiply(add(points, 0.5), 1 / size));
		const encoder = net.in('prompt_encoder');
		const kinds = concat(
			[encoder.weight('not_a_point_embed.weight'), encoder.weight('point_embed.weight')],
			0
		);
		const isPadding = unsqueeze(equal(labels, PADDING), -1);
		return add(where(isPadding, 0, places), gather(kinds, subtract(labels, PADDING), 0));
	}
);

/**
 * A mask's logits as a map that is added to the image, or what stands for none.
 * @param net `tracker_model.prompt_encoder`
 * @param mask [B, 1, 4g, 4g]
 * @param hasMask bool [B]
 * @returns [B, C, g, g]
 */
export const maskMap = module((net: Scope, mask: Value, hasMask: Value, { config }: Sam3Build): Value => {
	const { layer_norm_eps: epsilon } = config.tracker_config.prompt_encoder_config;
	const embed = net.in('mask_embed');
	const once = gelu(
		channelNorm(embed.in('layer_norm1'), conv(embed.in('conv1'), mask, { stride: 2 }), epsilon)
	);
	const twice = gelu(
		channelNorm(embed.in('layer_norm2'), conv(embed.in('conv2'), once, { stride: 2 }), epsilon)
	);
	const none = net.weight('no_mask_embed.weight');
	return where(
		unsqueeze(hasMask, -1, -2, -3),
		conv(embed.in('conv3'), twice),
		reshape(none, [1, none.shape[1]!, 1, 1])
	);
});

/**
 * Where each place of the image lies, as `pointTokens` says it of points. It depends on no input.
 * @param net `tracker_model`
 * @returns [side · side, C]
 */
export function imagePositions(net: Scope, side: number): Value {
	return fourierPositions(net, centres(net.graph, side));
}

/**
 * Places as sines and cosines of random frequencies (Tancik et al., 2020), which the checkpoint carries.
 * @param places [..., 2], of 0 to 1
 * @returns [..., C]
 */
function fourierPositions(net: Scope, places: Value): Value {
	const frequencies = net.weight('shared_image_embedding.positional_embedding');
	const phases = multiply(matmul(subtract(multiply(places, 2), 1), frequencies), 2 * Math.PI);
	return concat([sine(phases), cosine(phases)], -1);
}

/** x and y of the middle of each cell of a grid over 0 to 1: [side · side, 2]. */
function centres(graph: Graph, side: number): Value {
	const values = Float32Array.from({ length: 2 * side * side }, (_, i) => {
		const cell = i >> 1;
		return ((i % 2 ? Math.floor(cell / side) : cell % side) + 0.5) / side;
	});
	return graph.constant(values, [side * side, 2]);
}
