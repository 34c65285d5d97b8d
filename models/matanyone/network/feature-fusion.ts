import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import {
	add,
	concat,
	globalAverage,
	multiply,
	pool,
	relu,
	reshape,
	sigmoid
} from '../../onnx/operators/index.ts';

/** Two 3x3 convolutions whose channels are weighed by an efficient channel attention (Wang et al., 2020), around a shortcut. */
export const channelAttentionBlock = module((net: Scope, x: Value): Value => {
	const inner = conv(net.in('conv1'), relu(x), { padding: 1 });
	const y = conv(net.in('conv2'), relu(inner), { padding: 1 });
	const [, channels] = y.shape;
	const [, , taps] = net.shapeOf('conv.weight');
	const means = reshape(globalAverage(y), [1, 1, channels!]);
	const weights = sigmoid(conv(net.in('conv'), means, { padding: (taps! - 1) / 2 }));
	return add(multiply(y, reshape(weights, [1, channels!, 1, 1])), x);
});

/** Brings what is known of the frame, and of the target in it, together: both [1, C, h, w]. */
export const featureFusion = module((net: Scope, frame: Value, target: Value): Value => {
	const both = net.in('distributor');
	const sum = add(conv(both.in('x_transform'), frame), conv(both.in('g_transform'), target));
	return channelAttentionBlock(net.in('block2'), channelAttentionBlock(net.in('block1'), sum));
});

/** Adds the sensory memory and the last matte to what was read from the memory, and fuses it with the frame's features. */
export const pixelFuser = module(
	(net: Scope, pixFeat: Value, readout: Value, sensory: Value, lastMask: Value): Value => {
		const state = concat([sensory, atStride(lastMask, 16)], 1);
		return featureFusion(net.in('fuser'), pixFeat, add(readout, conv(net.in('sensory_compress'), state)));
	}
);

/** The mean over squares of pixels: "area" interpolation by a whole factor. */
export function atStride(x: Value, factor: number): Value {
	return pool(x, 'average', { size: factor });
}
