import type { AttentionRoom } from '../../onnx/attend.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { slice } from '../../onnx/operators/index.ts';
import { count } from './count.ts';
import { activated } from './group-norm.ts';
import { imageAttention } from './image-attention.ts';
import { residualBlock } from './residual.ts';
import { downsampler } from './sampling.ts';

const EPSILON = 1e-6;

/**
 * Pictures as latents: the mean of the encoder's posterior (diffusers' `AutoencoderKLTemporalDecoder`).
 * @param net the whole autoencoder
 * @param pictures [N, 3, H, W], -1 to 1
 * @returns [N, 4, H/8, W/8], not scaled
 */
export const pictureEncoder = module((net: Scope, pictures: Value, room: AttentionRoom): Value => {
	const encoder = net.in('encoder');
	let x = conv(encoder.in('conv_in'), pictures, { padding: 1 });
	for (let level = 0; level < count(encoder, 'down_blocks', 'resnets.0.norm1.weight'); level++) {
		const block = encoder.in('down_blocks').in(level);
		for (let i = 0; i < count(block, 'resnets', 'norm1.weight'); i++) {
			x = residualBlock(block.in('resnets').in(i), x, { epsilon: EPSILON });
		}
		if (block.has('downsamplers.0.conv.weight')) x = downsampler(block.in('downsamplers.0'), x, 'far');
	}
	const middle = encoder.in('mid_block');
	x = residualBlock(middle.in('resnets.0'), x, { epsilon: EPSILON });
	x = imageAttention(middle.in('attentions.0'), x, room);
	x = residualBlock(middle.in('resnets.1'), x, { epsilon: EPSILON });
	const read = activated(encoder.in('conv_norm_out'), x, EPSILON);
	const posterior = conv(net.in('quant_conv'), conv(encoder.in('conv_out'), read, { padding: 1 }));
	// Its second half is the logarithm of the variance.
	return slice(posterior, 1, 0, (posterior.shape[1] as number) / 2);
});
