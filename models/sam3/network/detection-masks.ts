import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv, groupNorm, layerNorm } from '../../onnx/layers.ts';
import { add, matmul, relu, reshape, resize } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { attention } from './attention.ts';
import { dense } from './dense.ts';
import { mapOf, tokensOf } from './tokens.ts';

const GROUPS = 8;

/**
 * Features of each pixel for the mask head: what was encoded looks at the prompt once more, then is enlarged over the finer features
 * (Cheng et al., 2021).
 * @param finer maps of the image, finest first
 * @param encoded [1, C, g, g]
 * @param prompt [1, L, C]
 * @returns [1, C, s, s]
 */
export const pixelFeatures = module(
	(net: Scope, finer: readonly Value[], encoded: Value, prompt: Value, build: Sam3Build): Value => {
		const { num_attention_heads: heads } = build.config.detector_config.mask_decoder_config;
		const places = tokensOf(encoded);
		const query = layerNorm(net.in('prompt_cross_attn_norm'), places);
		const read = attention(
			net.in('prompt_cross_attn'),
			{ query, key: prompt, value: prompt },
			{ heads },
			build
		);
		let x = mapOf(add(places, read), encoded.shape[2] as number);
		const decoder = net.in('pixel_decoder');
		for (const [i, map] of finer.toReversed().entries()) {
			const [height, width] = map.shape.slice(2) as [number, number];
			x = add(resize(x, height, width, 'nearest', 'asymmetric'), map);
			x = conv(decoder.in(`conv_layers.${i}`), x, { padding: 1 });
			x = relu(groupNorm(decoder.in(`norms.${i}`), x, GROUPS));
		}
		return x;
	}
);

/**
 * The masks of queries: the dot product of each with every pixel. The pixels' projection is applied to the queries, of which there are few.
 * @param pixels [1, C, s, s]
 * @param queries [1, N, C]
 * @returns logits [1, N, s, s]
 */
export const instanceMasks = module((net: Scope, pixels: Value, queries: Value, build: Sam3Build): Value => {
	const embedder = net.in('mask_embedder');
	let x = dense(embedder.in('layers.0'), queries, build);
	for (let i = 1; embedder.has(`layers.${i}.weight`); i++)
		x = dense(embedder.in(`layers.${i}`), relu(x), build);
	const [, channels, height, width] = pixels.shape as number[];
	const projection = net.in('instance_projection');
	const weight = reshape(projection.weight('weight'), [channels!, channels!]);
	const bias = matmul(x, reshape(projection.weight('bias'), [channels!, 1]));
	const masks = matmul(matmul(x, weight), reshape(pixels, [1, channels!, height! * width!]));
	return reshape(add(masks, bias), [1, x.shape[1]!, height!, width!]);
});
