import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { layerNorm } from '../../onnx/layers.ts';
import { add } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { attention } from './attention.ts';
import { attentionByFew, attentionToFew } from './few-tokens.ts';
import { mlp } from './mlp.ts';

/**
 * Tokens and an image that read each other by turns (Kirillov et al., 2023).
 * @param net `tracker_model.mask_decoder.transformer`
 * @param tokens [B, T, C]
 * @param image [B, g · g, C]
 * @param positions [g · g, C]: where the image's places lie
 */
export const twoWayTransformer = module(
	(
		net: Scope,
		tokens: Value,
		image: Value,
		positions: Value,
		build: Sam3Build
	): { readonly tokens: Value; readonly image: Value } => {
		const { num_hidden_layers: layers, num_attention_heads: heads } =
			build.config.tracker_config.mask_decoder_config;
		let queries = tokens;
		let keys = image;
		for (let i = 0; i < layers; i++) {
			const layer = net.in('layers').in(i);
			// What the tokens are stands for where they are; at first both are the same.
			if (i === 0) {
				const itself = { query: queries, key: queries, value: queries };
				queries = attention(layer.in('self_attn'), itself, { heads }, build);
			} else {
				const placed = add(queries, tokens);
				const itself = { query: placed, key: placed, value: queries };
				queries = add(queries, attention(layer.in('self_attn'), itself, { heads }, build));
			}
			queries = layerNorm(layer.in('layer_norm1'), queries);

			const places = add(keys, positions);
			const toImage = { query: add(queries, tokens), key: places, value: keys };
			const read = attentionByFew(layer.in('cross_attn_token_to_image'), toImage, heads, build);
			queries = layerNorm(layer.in('layer_norm2'), add(queries, read));
			queries = layerNorm(layer.in('layer_norm3'), add(queries, mlp(layer.in('mlp'), queries, build)));

			const toTokens = { query: places, key: add(queries, tokens), value: queries };
			const written = attentionToFew(layer.in('cross_attn_image_to_token'), toTokens, heads, build);
			keys = layerNorm(layer.in('layer_norm4'), add(keys, written));
		}
		const last = { query: add(queries, tokens), key: add(keys, positions), value: keys };
		const read = attentionByFew(net.in('final_attn_token_to_image'), last, heads, build);
		return { tokens: layerNorm(net.in('layer_norm_final_attn'), add(queries, read)), image: keys };
	}
);
