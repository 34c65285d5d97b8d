import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv, layerNorm } from '../../onnx/layers.ts';
import { add, gelu, multiply, transpose } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { channelNorm } from './channel-norm.ts';
import { dense } from './dense.ts';

const EPSILON = 1e-6;

/**
 * What a frame and an object's mask on it become in memory (Ravi et al., 2024).
 * @param net `tracker_model.memory_encoder`
 * @param frame [1, C, g, g]
 * @param mask [B, 1, stride · g, stride · g]
 * @returns [B, D, g, g]
 */
export const memoryEncoder = module((net: Scope, frame: Value, mask: Value, build: Sam3Build): Value => {
	const { memory_fuser_num_layers: layers, mask_downsampler_total_stride: stride } =
		build.config.tracker_config;
	let x = add(
		conv(net.in('feature_projection'), frame),
		downsampled(net.in('mask_downsampler'), mask, stride)
	);
	for (let i = 0; i < layers; i++) x = fused(net.in('memory_fuser.layers').in(i), x, build);
	return conv(net.in('projection'), x);
});

/** A mask at the image's grid: as many convolutions as the checkpoint has share the stride. */
const downsampled = module((net: Scope, mask: Value, totalStride: number): Value => {
	let count = 0;
	while (net.in('layers').in(count).has('conv.weight')) count++;
	const stride = Math.round(totalStride ** (1 / count));
	let x = mask;
	for (let i = 0; i < count; i++) {
		const layer = net.in('layers').in(i);
		const padding = (layer.shapeOf('conv.weight')[2]! - 1) / 2;
		x = gelu(channelNorm(layer.in('layer_norm'), conv(layer.in('conv'), x, { stride, padding }), EPSILON));
	}
	return conv(net.in('final_conv'), x);
});

/** A block of ConvNeXt (Liu et al., 2022). */
const fused = module((net: Scope, x: Value, build: Sam3Build): Value => {
	const [groups, , size] = net.shapeOf('depthwise_conv.weight') as [number, number, number];
	const around = conv(net.in('depthwise_conv'), x, { padding: (size - 1) / 2, groups });
	const normed = layerNorm(net.in('layer_norm'), transpose(around, [0, 2, 3, 1]), EPSILON);
	const wide = gelu(dense(net.in('pointwise_conv1'), normed, build));
	const narrow = multiply(dense(net.in('pointwise_conv2'), wide, build), net.weight('scale'));
	return add(x, transpose(narrow, [0, 3, 1, 2]));
});
