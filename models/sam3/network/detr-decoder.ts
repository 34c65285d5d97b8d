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
import { feedForward } from './feed-forward.ts';
import { perceptron } from './perceptron.ts';
import { sineFeatures } from './position-encoding.ts';
import { residual } from './residual.ts';

/** The presence logit stays within this. */
const SUREST = 10;

/** What the queries found, in float32. */
export interface Found {
	/** [1, Q, C] */
	readonly queries: Value;
	/** Centre, width and height, 0 to 1: [1, Q, 4]. */
	readonly boxes: Value;
	/** Of anything that is meant being there: a logit [1, 1]. */
	readonly presence: Value;
}

/** What queries look at: the places of a square map with their positions, and without. */
interface Memory {
	/** [1, P, C] */
	readonly key: Value;
	readonly value: Value;
}

/**
 * Lets queries look at each other, at the prompt and at the image, each near its box, which moves with every layer (Liu et al., 2022; the
 * bias by the box after Lin et al., 2023). One more token, before the queries, tells whether anything that is meant is there at all.
 * @param image [1, P, C], the places of a square map
 * @param position of each place: [P, C]
 * @param prompt [1, L, C]
 */
export const detrDecoder = module(
	(net: Scope, image: Value, position: Value, prompt: Value, build: Sam3Build): Found => {
		const precise = net.as('float32');
		const side = Math.sqrt(image.shape[1] as number);
		const memory = { key: add(image, position), value: image };
		const start = precise.weight('query_embed.weight');
		const channels = start.shape[1] as number;
		const nowhere = net.constant(new Float32Array(channels), [1, 1, channels]);
		let x = unsqueeze(concat([precise.weight('presence_token.weight'), start], 0), 0);
		let queries = slice(x, 1, 1);
		let boxes = unsqueeze(sigmoid(precise.weight('reference_points.weight')), 0);
		for (let i = 0; i < build.config.detector_config.detr_decoder_config.num_layers; i++) {
			const places = cast(boxFeatures(boxes, channels), net.precision);
			const place = concat([nowhere, perceptron(net.in('ref_point_head'), places)], 1);
			const bias = boxBias(net, boxes, side);
			x = decoderLayer(net.in(`layers.${i}`), x, { place, prompt, memory, bias }, build);
			queries = layerNorm(precise.in('output_layer_norm'), slice(x, 1, 1));
			const shift = perceptron(net.in('box_head'), cast(queries, net.precision));
			boxes = sigmoid(add(cast(shift, 'float32'), inverseSigmoid(boxes)));
		}
		const token = layerNorm(precise.in('presence_layer_norm'), slice(x, 1, 0, 1));
		const presence = reshape(perceptron(precise.in('presence_head'), token), [1, 1]);
		return { queries, boxes, presence: clip(presence, -SUREST, SUREST) };
	}
);

interface Surroundings {
	/** Where the queries' boxes lie: [1, Q, C]. */
	readonly place: Value;
	readonly prompt: Value;
	readonly memory: Memory;
	readonly bias: Value;
}

/** @param x [1, Q, C], float32 */
const decoderLayer = module(
	(net: Scope, x: Value, { place, prompt, memory, bias }: Surroundings, build: Sam3Build): Value => {
		const { num_attention_heads: heads } = build.config.detector_config.detr_decoder_config;
		const norm = (name: string, sum: Value) => layerNorm(net.as('float32').in(name), sum);
		const plain = cast(x, net.precision);
		const placed = (y: Value) => add(cast(y, net.precision), place);
		const self = { query: placed(x), key: placed(x), value: plain };
		let y = norm('self_attn_layer_norm', residual(x, attention(net.in('self_attn'), self, { heads }, build)));
		const words = { query: placed(y), key: prompt, value: prompt };
		y = norm(
			'text_cross_attn_layer_norm',
			residual(y, attention(net.in('text_cross_attn'), words, { heads }, build))
		);
		const seen = { query: placed(y), ...memory };
		y = norm(
			'vision_cross_attn_layer_norm',
			residual(y, attention(net.in('vision_cross_attn'), seen, { heads, mask: bias }, build))
		);
		const hidden = feedForward(net.in('mlp'), cast(y, net.precision), relu, build);
		return norm('mlp_layer_norm', residual(y, hidden));
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
const boxBias = module((net: Scope, boxes: Value, side: number): Value => {
	const { graph } = net;
	const [left, top, right, bottom] = coordinates(corners(boxes));
	const places = Float32Array.from({ length: side }, (_, i) => i / side);
	const precise = net.as('float32');
	const along = (name: string, near: Value, far: Value): Value => {
		const sides = unsqueeze(concat([near, far], -1), 2);
		const distances = logarithmic(subtract(graph.constant(places, [side, 1]), sides));
		const bias = transpose(perceptron(precise.in(name), distances), [0, 3, 1, 2]);
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
