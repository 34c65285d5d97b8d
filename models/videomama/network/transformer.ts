import { attend, type AttentionRoom } from '../../onnx/attend.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { affine, linear } from '../../onnx/layers.ts';
import {
	add,
	cast,
	expand,
	flatten,
	gelu,
	multiply,
	reshape,
	split,
	subtract,
	transpose
} from '../../onnx/operators/index.ts';
import { framePlaces } from './frame-places.ts';
import { groupNorm } from './group-norm.ts';
import { addTo, inPrecisionOf, layerNorm } from './stream.ts';
import { shareOfTime } from './residual.ts';

export interface TransformerOptions {
	readonly heads: number;
	readonly room: AttentionRoom;
	/** Whether what does not depend on the clip was computed when the weights were written. */
	readonly folded: boolean;
}

/**
 * Attention among the places of each frame, and among the frames of each place (diffusers' `TransformerSpatioTemporalModel`).
 * @param x [T, C, H, W]
 */
export const spatioTemporalTransformer = module(
	(net: Scope, x: Value, options: TransformerOptions): Value => {
		const [frames] = x.shape as number[];
		const normalised = groupNorm(net.in('norm'), x, 1e-6);
		const precise = inPrecisionOf(x, net);
		let tokens = cast(linear(net.in('proj_in'), transpose(flatten(normalised, 2, 3), [0, 2, 1])), x.dtype);
		const places = framePlaces(precise.in('time_pos_embed'), frames!, options.folded);
		const share = shareOfTime(precise.in('time_mixer'), 'of still');
		for (let i = 0; net.has(`transformer_blocks.${i}.norm1.weight`); i++) {
			tokens = spatialBlock(net.in('transformer_blocks').in(i), tokens, options);
			const moving = temporalBlock(net.in('temporal_transformer_blocks').in(i), add(tokens, places), options);
			tokens = add(tokens, multiply(subtract(moving, tokens), share));
		}
		const read = transpose(linear(net.in('proj_out'), cast(tokens, net.precision)), [0, 2, 1]);
		return addTo(x, reshape(read, x.shape));
	}
);

/** @param tokens [T, places, C] */
const spatialBlock = module((net: Scope, tokens: Value, options: TransformerOptions): Value => {
	const x = attentions(net, tokens, options);
	return addTo(x, feedForward(net.in('ff'), layerNorm(net.in('norm3'), x)));
});

/** @param tokens [T, places, C] */
const temporalBlock = module((net: Scope, tokens: Value, options: TransformerOptions): Value => {
	let x = transpose(tokens, [1, 0, 2]);
	x = addTo(x, feedForward(net.in('ff_in'), layerNorm(net.in('norm_in'), x)));
	x = attentions(net, x, options);
	x = addTo(x, feedForward(net.in('ff'), layerNorm(net.in('norm3'), x)));
	return transpose(x, [1, 0, 2]);
});

/** What tokens [B, S, C] read from one another, and from a context that is empty: all zeros. */
function attentions(net: Scope, tokens: Value, options: TransformerOptions): Value {
	const self = net.in('attn1');
	const read = seen(self, layerNorm(net.in('norm1'), tokens), options);
	if (options.folded) {
		// Nothing is read from zeros but the bias.
		const bias = net.derived(
			['attn1.to_out.0.bias', 'attn2.to_out.0.bias'],
			'sum',
			self.shapeOf('to_out.0.bias'),
			([a, b]) => a!.map((value, i) => value + b![i]!)
		);
		return addTo(tokens, affine(read, self.weight('to_out.0.weight'), bias));
	}
	const x = addTo(tokens, linear(self.in('to_out.0'), read));
	const cross = net.in('attn2');
	const width = cross.shapeOf('to_k.weight')[1]!;
	const context = cross.constant(new Float32Array(width), [1, 1, width]);
	return addTo(x, linear(cross.in('to_out.0'), seen(cross, layerNorm(net.in('norm2'), x), options, context)));
}

/** Attention without its last projection, among the tokens or to a context that all of them share. */
function seen(net: Scope, tokens: Value, { heads, room }: TransformerOptions, context?: Value): Value {
	const [batch, , channels] = tokens.shape;
	const project = (name: string) => {
		const projected = linear(net.in(name), context ?? tokens);
		return context ? expand(projected, [batch!, 1, channels!]) : projected;
	};
	return attend(linear(net.in('to_q'), tokens), project('to_k'), project('to_v'), heads, {}, room);
}

/** Two layers with a gate between (Shazeer, 2020: GEGLU). */
const feedForward = module((net: Scope, tokens: Value): Value => {
	const inner = linear(net.in('net.0.proj'), tokens);
	const half = (inner.shape.at(-1) as number) / 2;
	const [value, gate] = split(inner, -1, [half, half]);
	return linear(net.in('net.2'), multiply(value!, gelu(gate!)));
});
