import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { affine, layerNorm } from '../../onnx/layers.ts';
import {
	add,
	cast,
	concat,
	gather,
	matmul,
	relu,
	reshape,
	transpose,
	unsqueeze
} from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { attention } from './attention.ts';
import { coordinates } from './boxes.ts';
import { dense } from './dense.ts';
import { feedForward } from './feed-forward.ts';
import { normalised, residual } from './residual.ts';
import { sineFeatures } from './position-encoding.ts';

/** Boxes around examples on a frame. */
export interface Examples {
	/** Centre, width and height, 0 to 1: [1, N, 4], float32. */
	readonly boxes: Value;
	/** 1 alike, 0 unlike: int64 [1, N]. */
	readonly labels: Value;
	/** By how much the rows and the columns of the map count in those of each box: [N, R, g]. */
	readonly roiY: Value;
	readonly roiX: Value;
}

/**
 * What examples look like and where they are, a token for each, and one more that sums up.
 * @param image the places of a square map: [1, g · g, C]
 * @param position of each place: [g · g, C]
 * @returns [1, N + 1, C]
 */
export const geometryEncoder = module(
	(net: Scope, image: Value, position: Value, examples: Examples, build: Sam3Build): Value => {
		const { num_layers, num_attention_heads: heads } = build.config.detector_config.geometry_encoder_config;
		const tokens = concat(
			[exampleTokens(net, image, examples, build), unsqueeze(net.weight('cls_embed.weight'), 0)],
			1
		);
		const memory = { key: add(image, position), value: image };
		let x = layerNorm(
			net.as('float32').in('prompt_layer_norm'),
			cast(dense(net.in('final_proj'), tokens, build), 'float32')
		);
		for (let i = 0; i < num_layers; i++) {
			const layer = net.in(`layers.${i}`);
			let y = normalised(layer.in('layer_norm1'), x);
			x = residual(x, attention(layer.in('self_attn'), { query: y, key: y, value: y }, { heads }, build));
			y = normalised(layer.in('layer_norm2'), x);
			x = residual(x, attention(layer.in('cross_attn'), { query: y, ...memory }, { heads }, build));
			y = normalised(layer.in('layer_norm3'), x);
			x = residual(x, feedForward(layer.in('mlp'), y, relu, build));
		}
		return normalised(net.in('output_layer_norm'), x);
	}
);

/** A token for each example: its box, what is in it, where it is, and whether it is meant: [1, N, C]. */
const exampleTokens = module((net: Scope, image: Value, examples: Examples, build: Sam3Build): Value => {
	const channels = image.shape[2] as number;
	const { boxes, labels } = examples;
	const inside = pool(layerNorm(net.in('vision_layer_norm'), image), examples);
	const [x, y, width, height] = coordinates(boxes);
	const place = concat([sineFeatures(y, channels / 2), sineFeatures(x, channels / 2), height, width], -1);
	const parts = [
		dense(net.in('boxes_direct_project'), cast(boxes, net.precision), build),
		unsqueeze(look(net.in('boxes_pool_project'), inside), 0),
		dense(net.in('boxes_pos_enc_project'), cast(place, net.precision), build),
		gather(net.weight('label_embed.weight'), labels, 0)
	];
	return parts.reduce((sum, part) => add(sum, part));
});

/** A convolution by a kernel as large as its input, [N, C, R, R], written as what it is: a product. [N, D] */
function look(net: Scope, inside: Value): Value {
	const kernel = net.weight('weight');
	const [channels, ...extents] = kernel.shape as readonly number[];
	const length = extents.reduce((product, extent) => product * extent);
	return affine(
		reshape(inside, [inside.shape[0]!, length]),
		reshape(kernel, [channels!, length]),
		net.weight('bias')
	);
}

/**
 * What a map holds in each box, as RoIAlign pools it (He et al., 2017): bilinear samples weigh rows and columns apart, so that two products
 * do.
 * @param image [1, g · g, C]
 * @returns [N, C, R, R]
 */
function pool(image: Value, { roiY, roiX }: Examples): Value {
	const [, places, channels] = image.shape as [number, number, number];
	const [count, size, grid] = roiY.shape;
	const [rows, columns] = [roiY, roiX].map((weights) => cast(weights, image.dtype));
	const lines = reshape(image, [grid!, (places / (grid as number)) * channels]);
	const read = reshape(matmul(rows!, lines), [count!, size!, grid!, channels]);
	return transpose(matmul(unsqueeze(columns!, 1), read), [0, 3, 1, 2]);
}
