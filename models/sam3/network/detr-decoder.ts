import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { layerNorm } from '../../onnx/layers.ts';
import {
	add,
	cast,
	clip,
	concat,
	logarithm,
	multiply,
	negate,
	relu,
	reshape,
	sigmoid,
	slice,
	subtract,
	transpose,
	unsqueeze
} from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { attention } from './attention.ts';
import { coordinates, corners, inverseSigmoid } from './boxes.ts';
import { feedForward, perceptron } from './perceptron.ts';
import { sineFeatures } from './position-encoding.ts';

/** The presence logit stays within this. */
const SUREST = 10;

/** What the queries found. */
export interface Found {
	/** [1, Q, C] */
	readonly queries: Value;
	/** Centre, width and height, 0 to 1: [1, Q, 4], float32. */
	readonly boxes: Value;
	/** Of anything that is meant being there: a logit [1, 1], float32. */
	readonly presence: Value;
}

/**
 * Lets queries look at each other, at the prompt and at the image, each near its box, which moves with every layer (Liu et al., 2022; the
 * bias by the box after Lin et al., 2023). One more token tells whether anything that is meant is there at all.
 * @param image [1, P, C], the places of a square map
 * @param position of each place: [P, C]
 * @param prompt [1, L, C]
 */
export const detrDecoder = module(
	(net: Scope, image: Value, position: Value, prompt: Value, build: Sam3Build): Found => {
		const { num_layers } = build.config.detector_config.detr_decoder_config;
		const { graph } = net;
		const memory = { key: add(image, position), value: image };
		const start = net.weight('query_embed.weight');
		let x = unsqueeze(concat([net.weight('presence_token.weight'), start], 0), 0);
		let boxes = unsqueeze(sigmoid(net.as('float32').weight('reference_points.weight')), 0);
		let queries = slice(x, 1, 1);
		const nowhere = graph.constant(
			new Float32Array(start.shape[1] as number),
			[1, 1, start.shape[1] as number],
			net.precision
		);
		for (let i = 0; i < num_layers; i++) {
			const place = perceptron(
				net.in('ref_point_head'),
				cast(boxFeatures(boxes, start.shape[1] as number), net.precision),
				build
			);
			const bias = boxBias(net, boxes, Math.sqrt(image.shape[1] as number), build);
			x = decoderLayer(net.in(`layers.${i}`), x, concat([nowhere, place], 1), prompt, memory, bias, build);
			queries = layerNorm(net.in('output_layer_norm'), slice(x, 1, 1));
			const shift = cast(perceptron(net.in('box_head'), queries, build), 'float32');
			boxes = sigmoid(add(shift, inverseSigmoid(boxes)));
		}
		const token = layerNorm(net.in('presence_layer_norm'), slice(x, 1, 0, 1));
		const presence = reshape(cast(perceptron(net.in('presence_head'), token, build), 'float32'), [1, 1]);
		return { queries, boxes, presence: clip(presence, -SUREST, SUREST) };
	}
);

const decoderLayer = module(
	(
		net: Scope,
		queries: Value,
		place: Value,
		prompt: Value,
		memory: { readonly key: Value; readonly value: Value },
		bias: Value,
		build: Sam3Build
	): Value => {
		const { num_attention_heads: heads } = build.config.detector_config.detr_decoder_config;
		let x = queries;
		let placed = add(x, place);
		const self = { query: placed, key: placed, value: x };
		x = add(x, attention(net.in('self_attn'), self, { heads }, build));
		x = layerNorm(net.in('self_attn_layer_norm'), x);
		placed = add(x, place);
		const words = { query: placed, key: prompt, value: prompt };
		x = add(x, attention(net.in('text_cross_attn'), words, { heads }, build));
		x = layerNorm(net.in('text_cross_attn_layer_norm'), x);
		const seen = { query: add(x, place), ...memory };
		x = add(x, attention(net.in('vision_cross_attn'), seen, { heads, mask: bias }, build));
		x = layerNorm(net.in('vision_cross_attn_layer_norm'), x);
		x = add(x, feedForward(net.in('mlp'), x, relu, build));
		return layerNorm(net.in('mlp_layer_norm'), x);
	}
);

/** Where boxes [1, Q, 4] lie and how large they are, in 2 · `channels` channels: [1, Q, 2C]. */
function boxFeatures(boxes: Value, channels: number): Value {
	const [x, y, width, height] = coordinates(boxes);
	return concat(
		[y, x, width, height].map((coordinate) => sineFeatures(coordinate, channels / 2)),
		-1
	);
}

/**
 * What draws each query to its box: made of the distances from each row and column of the map to the box's sides, by their logarithms.
 * The token before the queries is drawn nowhere.
 * @param boxes [1, Q, 4], float32
 * @returns [1, heads, 1 + Q, side · side]
 */
const boxBias = module((net: Scope, boxes: Value, side: number, build: Sam3Build): Value => {
	const { graph } = net;
	const [left, top, right, bottom] = coordinates(corners(boxes));
	const places = Float32Array.from({ length: side }, (_, i) => i / side);
	const precise = net.as('float32');
	const along = (name: string, near: Value, far: Value): Value => {
		const sides = unsqueeze(concat([near, far], -1), 2);
		const distances = logarithmic(subtract(graph.constant(places, [side, 1]), sides));
		const bias = transpose(perceptron(precise.in(name), distances, build), [0, 3, 1, 2]);
		const [, heads] = bias.shape as number[];
		const none = graph.constant(new Float32Array(heads! * side), [1, heads!, 1, side]);
		return cast(concat([none, bias], 2), net.precision);
	};
	const rows = unsqueeze(along('box_rpb_embed_y', top, bottom), 4);
	const columns = unsqueeze(along('box_rpb_embed_x', left, right), 3);
	const bias = add(rows, columns);
	return reshape(bias, [...bias.shape.slice(0, 3), side * side]);
});

/** sign(x) · log₈(8|x| + 1), as the difference of two logarithms of which one is 0. */
function logarithmic(x: Value): Value {
	const eighths = multiply(x, 8);
	const part = (side: Value) => logarithm(add(relu(side), 1));
	return multiply(subtract(part(eighths), part(negate(eighths))), 1 / Math.log(8));
}
