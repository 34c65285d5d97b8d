import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv, layerNorm, linear } from '../../onnx/layers.ts';
import {
	add,
	cast,
	concat,
	divide,
	greaterOrEqual,
	multiply,
	relu,
	reshape,
	slice,
	smallest,
	subtract
} from '../../onnx/operators/index.ts';
import { multiHeadAttention } from './attention.ts';
import { channelAttentionBlock } from './feature-fusion.ts';
import { positionEncoding } from './position-encoding.ts';
import { mapOf, tokens } from './tokens.ts';

/** Added to the score of a place that a query may not look at; a number, not infinity, so that no sum of scores is undefined. */
const BLOCKED = -1e4;

/**
 * The object transformer (Cutie; Cheng et al., 2024): queries made from the summaries of the target, half for the foreground and half
 * for the background, look at the pixels, talk to each other and are looked at by the pixels.
 * @param pixel [1, C, h, w]
 * @param summaries sums over all memory frames, each with its total weight: [queries, C + 1], float32
 * @returns [1, C, h, w]
 */
export const objectTransformer = module((net: Scope, pixel: Value, summaries: Value): Value => {
	const [height, width] = pixel.shape.slice(2) as [number, number];
	const area = slice(summaries, 1, -1);
	const means = cast(divide(slice(summaries, 1, 0, -1), add(area, 1e-4)), net.precision);
	let query = add(net.weight('query_init.weight'), linear(net.in('summary_to_query_init'), means));
	const queryPosition = add(net.weight('query_emb.weight'), linear(net.in('summary_to_query_emb'), means));

	const position = cast(positionEncoding(net.in('spatial_pe'), height, width), net.precision);
	const pixelPosition = add(position, tokens(conv(net.in('pixel_emb_proj'), pixel)));
	let x = conv(net.in('pixel_init_proj'), pixel);
	for (let i = 0; net.has(`blocks.${i}.pixel_ffn.conv.conv1.weight`); i++) {
		const bias = lookingBias(net.in(`mask_pred.${i}`), x);
		[query, x] = transformerBlock(net.in(`blocks.${i}`), query, x, queryPosition, pixelPosition, bias);
	}
	return x;
});

const transformerBlock = module(
	(
		net: Scope,
		query: Value,
		pixel: Value,
		queryPosition: Value,
		pixelPosition: Value,
		bias: Value
	): [query: Value, pixel: Value] => {
		const [height, width] = pixel.shape.slice(2) as [number, number];
		const pixels = tokens(pixel);
		const placed = (x: Value, position: Value) => add(x, position);

		const fromPixel = net.in('read_from_pixel');
		let q = layerNorm(fromPixel.in('norm'), query);
		q = add(
			q,
			multiHeadAttention(fromPixel.in('cross_attn'), {
				query: placed(q, queryPosition),
				key: placed(pixels, pixelPosition),
				value: pixels,
				bias
			})
		);

		const self = net.in('self_attn');
		q = layerNorm(self.in('norm'), q);
		const placedQuery = placed(q, queryPosition);
		q = add(q, multiHeadAttention(self.in('self_attn'), { query: placedQuery, key: placedQuery, value: q }));
		q = feedForward(net.in('ffn'), q);

		const read = multiHeadAttention(net.in('read_from_query.cross_attn'), {
			query: placed(pixels, pixelPosition),
			key: placed(q, queryPosition),
			value: q
		});
		const seen = mapOf(add(pixels, read), height, width);
		return [q, channelAttentionBlock(net.in('pixel_ffn.conv'), seen)];
	}
);

const feedForward = module((net: Scope, x: Value): Value => {
	const inner = relu(linear(net.in('linear1'), layerNorm(net.in('norm'), x)));
	return add(x, linear(net.in('linear2'), inner));
});

/**
 * Lets foreground queries look at what a first guess takes for foreground, and background queries at the rest; who would see nothing may
 * look everywhere.
 * @returns [2, 1, h * w]
 */
const lookingBias = module((net: Scope, pixel: Value): Value => {
	const logits = conv(net.in(1), relu(pixel));
	const [, , height, width] = logits.shape as number[];
	const inside = cast(greaterOrEqual(reshape(logits, [1, 1, height! * width!]), 0), net.precision);
	const blocked = concat([subtract(1, inside), inside], 0);
	return multiply(subtract(blocked, smallest(blocked, [-1], true)), BLOCKED);
});
