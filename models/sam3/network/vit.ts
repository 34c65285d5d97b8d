import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { affine, inFloat32, layerNorm } from '../../onnx/layers.ts';
import { add, gelu, reshape, slice, tile, transpose } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { gridOf } from '../config.ts';
import { attention } from './attention.ts';
import { dense } from './dense.ts';
import { axialRope, rotate, type Rope } from './rope.ts';
import { windowsOver, type Windows } from './windows.ts';

/**
 * The vision transformer (Dosovitskiy et al., 2021) with attention in windows, in a few layers over the whole image (Li et al., 2022),
 * and rotary positions.
 * @param pixels [1, 3, S, S], float32
 * @returns [1, C, S / patch, S / patch]
 */
export const visionTransformer = module((net: Scope, pixels: Value, build: Sam3Build): Value => {
	const { backbone_config: config } = build.config.detector_config.vision_config;
	const { window_size: window, layer_norm_eps: epsilon, num_attention_heads: heads } = config;
	const side = gridOf(build.config, build.size);
	const windows = windowsOver(net.graph, side, window);

	// What a smooth image leaves of the sums over its patches is small beside their terms, and the norm magnifies it.
	let [x] = inFloat32(net, [pixels], (precise, wide) => {
		const embeddings = precise.in('embeddings');
		const embedded = add(patches(embeddings, wide!, side), positions(embeddings, side));
		return [layerNorm(precise.in('layer_norm'), windows.tokens(embedded), epsilon)] as const;
	});
	const headSize = (x.shape[2] as number) / heads;
	const theta = config.rope_parameters.rope_theta;
	const local = axialRope(net, { side: window, headSize, theta });
	const { cos, sin } = axialRope(net, { side, headSize, theta, scale: window / side });
	const ordered = (table: Value) => reshape(windows.tokens(table), table.shape);
	const global: Rope = { cos: ordered(cos), sin: ordered(sin) };
	for (let i = 0; i < config.num_hidden_layers; i++) {
		const whole = config.global_attn_indexes.includes(i);
		const look = whole ? { rope: global } : { rope: local, windows };
		x = layer(net.in('layers').in(i), x, { ...look, heads, epsilon }, build);
	}
	return transpose(reshape(windows.map(x), [1, side, side, x.shape[2]!]), [0, 3, 1, 2]);
});

interface LayerOptions {
	readonly rope: Rope;
	/** Where attention stays within; the whole image when left out. */
	readonly windows?: Windows;
	readonly heads: number;
	readonly epsilon: number;
}

/** @param x tokens [1, T, C] */
const layer = module(
	(net: Scope, x: Value, { rope, windows, heads, epsilon }: LayerOptions, build: Sam3Build): Value => {
		const place = (q: Value, k: Value) => [rotate(q, rope), rotate(k, rope)] as const;
		const normed = layerNorm(net.in('layer_norm1'), x, epsilon);
		const inputs = { query: normed, key: normed, value: normed };
		const y = add(x, attention(net.in('attention'), inputs, { heads, windows, place }, build));
		const hidden = gelu(dense(net.in('mlp.fc1'), layerNorm(net.in('layer_norm2'), y, epsilon), build));
		return add(y, dense(net.in('mlp.fc2'), hidden, build));
	}
);

/** Each patch of the image, projected: [side · side, C]. */
const patches = module((net: Scope, pixels: Value, side: number): Value => {
	const kernel = net.weight('patch_embeddings.projection.weight');
	const [channels, colours, patch] = kernel.shape as readonly number[];
	const length = colours! * patch! * patch!;
	const cells = reshape(pixels, [colours!, side, patch!, side, patch!]);
	const rows = reshape(transpose(cells, [1, 3, 0, 2, 4]), [side * side, length]);
	return affine(rows, reshape(kernel, [channels!, length]));
});

/** The learnt positions, laid side by side until they cover the image: [side · side, C]. */
const positions = module((net: Scope, side: number): Value => {
	const learnt = net.weight('position_embeddings');
	const [, places, channels] = learnt.shape as readonly number[];
	const learntSide = Math.sqrt(places!);
	const times = Math.ceil(side / learntSide);
	const tiled = tile(reshape(learnt, [learntSide, learntSide, channels!]), [times, times, 1]);
	return reshape(slice(slice(tiled, 0, 0, side), 1, 0, side), [side * side, channels!]);
});
