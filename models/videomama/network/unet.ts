import type { AttentionRoom } from '../../onnx/attend.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { concat } from '../../onnx/operators/index.ts';
import { activated } from './group-norm.ts';
import { count } from './count.ts';
import { spatioTemporalBlock } from './residual.ts';
import { downsampler, upsampler } from './sampling.ts';
import type { Time } from './time.ts';
import { spatioTemporalTransformer } from './transformer.ts';

/** A tensor that every residual block has. */
const PROBE = 'spatial_res_block.norm1.weight';

export interface UNetOptions {
	/** Heads of attention at each level, from fine to coarse, or at all of them. */
	readonly heads: number | readonly number[];
	readonly time: Time;
	readonly room: AttentionRoom;
	readonly folded: boolean;
}

/**
 * The UNet of Stable Video Diffusion (Blattmann et al., 2023; diffusers' `UNetSpatioTemporalConditionModel`).
 * @param input [T, 12, h, w], any size, float32
 * @returns [T, 4, h, w], float32
 */
export const unet = module((net: Scope, input: Value, { heads, ...shared }: UNetOptions): Value => {
	const levels = count(net, 'down_blocks', `resnets.0.${PROBE}`);
	const headsAt = (level: number) => (typeof heads === 'number' ? heads : heads[level]!);
	const precise = net.as('float32');
	let x = conv(precise.in('conv_in'), input, { padding: 1 });
	const skips = [x];
	for (let level = 0; level < levels; level++) {
		const block = net.in('down_blocks').in(level);
		const hasAttention = block.has('attentions.0.norm.weight');
		const options = { ...shared, heads: headsAt(level), epsilon: hasAttention ? 1e-6 : 1e-5 };
		for (let i = 0; i < count(block, 'resnets', PROBE); i++) {
			x = step(block, i, x, options);
			skips.push(x);
		}
		if (block.has('downsamplers.0.conv.weight')) {
			x = downsampler(block.in('downsamplers.0'), x, 'around');
			skips.push(x);
		}
	}
	const middle = net.in('mid_block');
	const options = { ...shared, heads: headsAt(levels - 1), epsilon: 1e-5 };
	for (let i = 0; i < count(middle, 'resnets', PROBE); i++) x = step(middle, i, x, options);

	for (let level = levels - 1; level >= 0; level--) {
		const block = net.in('up_blocks').in(levels - 1 - level);
		const options = { ...shared, heads: headsAt(level), epsilon: 1e-6 };
		for (let i = 0; i < count(block, 'resnets', PROBE); i++)
			x = step(block, i, concat([x, skips.pop()!], 1), options);
		if (block.has('upsamplers.0.conv.weight')) x = upsampler(block.in('upsamplers.0'), x, skips.at(-1));
	}
	return conv(precise.in('conv_out'), activated(precise.in('conv_norm_out'), x, 1e-5), { padding: 1 });
});

/** The i-th residual block of a level, and the transformer after it, if there is one. */
function step(
	block: Scope,
	i: number,
	x: Value,
	{ epsilon, ...options }: Omit<UNetOptions, 'heads'> & { heads: number; epsilon: number }
): Value {
	const { time } = options;
	const y = spatioTemporalBlock(block.in('resnets').in(i), x, {
		...{ time, epsilon, temporalEpsilon: epsilon, share: 'of still' }
	});
	const attention = block.in('attentions').in(i);
	return attention.has('norm.weight') ? spatioTemporalTransformer(attention, y, options) : y;
}
