import { shapeText } from '../dims.ts';
import type { Value } from '../graph.ts';

/** (x - mean)/√(variance + ε)·scale + bias by each channel's stored statistics. */
export function batchNormalisation(
	x: Value,
	{
		scale,
		bias,
		mean,
		variance,
		epsilon
	}: { scale: Value; bias: Value; mean: Value; variance: Value; epsilon: number }
): Value {
	if (x.shape[1] !== scale.shape[0])
		throw x.graph.error(`batch norm of ${shapeText(x.shape)} by ${shapeText(scale.shape)}`);
	const inputs = [x, scale, bias, mean, variance];
	const outputs = [{ dtype: x.dtype, shape: x.shape }];
	return x.graph.node('BatchNormalization', inputs, outputs, { epsilon: { float: epsilon } })[0]!;
}

/** Normalises over the last axis (Ba et al., 2016). */
export function layerNormalisation(x: Value, scale: Value, bias: Value | undefined, epsilon: number): Value {
	if (x.shape.at(-1) !== scale.shape[0])
		throw x.graph.error(`layer norm of ${shapeText(x.shape)} by ${shapeText(scale.shape)}`);
	const outputs = [{ dtype: x.dtype, shape: x.shape }];
	return x.graph.node('LayerNormalization', [x, scale, bias], outputs, {
		axis: -1,
		epsilon: { float: epsilon }
	})[0]!;
}

/** Normalises each channel of each image of [B, C, ...] by itself (Ulyanov et al., 2016). */
export function instanceNormalisation(x: Value, scale: Value, bias: Value, epsilon: number): Value {
	if (x.shape[1] !== scale.shape[0])
		throw x.graph.error(`instance norm of ${shapeText(x.shape)} by ${shapeText(scale.shape)}`);
	const outputs = [{ dtype: x.dtype, shape: x.shape }];
	return x.graph.node('InstanceNormalization', [x, scale, bias], outputs, {
		epsilon: { float: epsilon }
	})[0]!;
}

/** Normalises over groups of channels and all places of an image [B, C, ...] (Wu and He, 2018). */
export function groupNormalisation(
	x: Value,
	scale: Value,
	bias: Value,
	groups: number,
	epsilon: number
): Value {
	if (x.shape[1] !== scale.shape[0])
		throw x.graph.error(`group norm of ${shapeText(x.shape)} by ${shapeText(scale.shape)}`);
	const outputs = [{ dtype: x.dtype, shape: x.shape }];
	const attributes = { num_groups: groups, epsilon: { float: epsilon } };
	return x.graph.node('GroupNormalization', [x, scale, bias], outputs, attributes)[0]!;
}
