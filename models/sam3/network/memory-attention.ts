import { attend } from '../../onnx/attend.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { layerNorm } from '../../onnx/layers.ts';
import { add, cast, concat, relu, repeatLike, reshape, reshapeLike } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { attention } from './attention.ts';
import { dense } from './dense.ts';
import { meanOf, type MemoryTokens } from './memory-tokens.ts';
import { rotate, type Rope } from './rope.ts';

/**
 * A frame with what is remembered of objects (Ravi et al., 2024).
 * @param net `tracker_model.memory_attention`
 * @param frame [1, g · g, C], float32, the same for all objects
 * @param rope by how much queries and the maps' keys turn
 * @returns [B, g · g, C], float32
 */
export const memoryAttention = module(
	(net: Scope, frame: Value, memory: MemoryTokens, rope: Rope, build: Sam3Build): Value => {
		const { memory_attention_num_layers: layers, memory_attention_num_attention_heads: heads } =
			build.config.tracker_config;
		if (heads !== 1) throw net.graph.error(`${heads} heads, where one reads the memory`);
		const turned = (q: Value, k: Value) => [rotate(q, rope), rotate(k, rope)] as const;
		// What the layers add up stays in float32; what each computes of it need not be.
		const precise = net.as('float32');
		let x = frame;
		for (let i = 0; i < layers; i++) {
			const layer = net.in('layers').in(i);
			const normed = (name: string) => cast(layerNorm(precise.in('layers').in(i).in(name), x), net.precision);
			const plus = (value: Value) => add(x, cast(value, 'float32'));

			const own = normed('layer_norm1');
			const itself = { query: own, key: own, value: own };
			x = plus(attention(layer.in('self_attn'), itself, { heads: 1, place: turned }, build));
			x = plus(recall(layer.in('cross_attn_image'), normed('layer_norm2'), memory, rope, build));
			const hidden = relu(dense(layer.in('linear1'), normed('layer_norm3'), build));
			x = plus(dense(layer.in('linear2'), hidden, build));
		}
		return layerNorm(precise.in('layer_norm'), x);
	}
);

/**
 * What the memory answers to each place. The mean of projected values is the projection of their mean, so values are projected after they
 * were read: a quarter of the channels goes through the attention.
 * @param query [B or 1, g · g, C]
 * @returns [B, g · g, C]
 */
const recall = module(
	(
		net: Scope,
		query: Value,
		{ values, maps, pointers }: MemoryTokens,
		rope: Rope,
		build: Sam3Build
	): Value => {
		const asked = rotate(dense(net.in('q_proj'), query, build), rope);
		const [, places, channels] = asked.shape as [unknown, number, number];
		const each = reshape(dense(net.in('k_proj'), maps, build), ['maps', places, channels]);
		const placed = reshapeLike(rotate(each, rope), maps, 2, [channels]);
		const k = concat([placed, dense(net.in('k_proj'), pointers, build)], 1);
		const q = query.shape[0] === 1 ? repeatLike(asked, values) : asked;
		const read = attend(q, k, values, 1, { scale: channels ** -0.5 }, build);
		const mean = meanOf(read, maps.shape[2] as number);
		return dense(net.in('o_proj'), dense(net.in('v_proj'), mean, build), build);
	}
);
