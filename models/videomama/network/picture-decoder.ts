import type { AttentionRoom } from '../../onnx/attend.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { cast } from '../../onnx/operators/index.ts';
import { count } from './count.ts';
import { alongFrames, apart, together } from './frames.ts';
import { activated } from './group-norm.ts';
import { imageAttention } from './image-attention.ts';
import { spatioTemporalBlock } from './residual.ts';
import { upsampler } from './sampling.ts';

/** A tensor that every residual block has. */
const PROBE = 'spatial_res_block.norm1.weight';

const options = { epsilon: 1e-6, temporalEpsilon: 1e-5, share: 'of time' } as const;

/**
 * Latents as pictures that follow one another (diffusers' `TemporalDecoder`).
 * @param latents [N, 4, h, w], not scaled, float32
 * @returns [N, 3, 8h, 8w], about -1 to 1, float32
 */
export const pictureDecoder = module((net: Scope, latents: Value, room: AttentionRoom): Value => {
	// At full size the stream is too large for more than the network's precision.
	let x = cast(conv(net.as('float32').in('conv_in'), latents, { padding: 1 }), net.precision);
	const middle = net.in('mid_block');
	x = spatioTemporalBlock(middle.in('resnets.0'), x, options);
	x = imageAttention(middle.in('attentions.0'), x, room);
	x = spatioTemporalBlock(middle.in('resnets.1'), x, options);
	for (let level = 0; level < count(net, 'up_blocks', `resnets.0.${PROBE}`); level++) {
		const block = net.in('up_blocks').in(level);
		for (let i = 0; i < count(block, 'resnets', PROBE); i++) {
			x = spatioTemporalBlock(block.in('resnets').in(i), x, options);
		}
		if (block.has('upsamplers.0.conv.weight')) x = upsampler(block.in('upsamplers.0'), x);
	}
	const pictures = conv(net.in('conv_out'), activated(net.in('conv_norm_out'), x, 1e-6), {
		padding: 1
	});
	// Rounding here would be seen in the matte.
	const wide = cast(pictures, 'float32');
	return apart(alongFrames(net.as('float32').in('time_conv_out'), together(wide)), wide);
});
