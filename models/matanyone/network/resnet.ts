import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { batchNorm, conv } from '../../onnx/layers.ts';
import { add, pool, relu, type ConvolutionOptions } from '../../onnx/operators/index.ts';

/** Residual networks (He et al., 2016), under torchvision's names. Sizes are those of the checkpoint's tensors. */

type Block = (net: Scope, x: Value, stride: number) => Value;

/** A convolution and its normalisation: `conv1` and `bn1`. */
function convNorm(net: Scope, number: number, x: Value, options?: ConvolutionOptions): Value {
	return batchNorm(net.in(`bn${number}`), conv(net.in(`conv${number}`), x, options));
}

function shortcut(net: Scope, x: Value, stride: number): Value {
	if (!net.has('downsample.0.weight')) return x;
	return batchNorm(net.in('downsample.1'), conv(net.in('downsample.0'), x, { stride }));
}

/** Two 3x3 convolutions, as in ResNet-18. */
export const basicBlock: Block = module((net: Scope, x: Value, stride: number): Value => {
	const inner = relu(convNorm(net, 1, x, { stride, padding: 1 }));
	return relu(add(convNorm(net, 2, inner, { padding: 1 }), shortcut(net, x, stride)));
});

/** 1x1, 3x3 and 1x1 convolutions, as in ResNet-50. */
export const bottleneck: Block = module((net: Scope, x: Value, stride: number): Value => {
	const narrow = relu(convNorm(net, 1, x));
	const inner = relu(convNorm(net, 2, narrow, { stride, padding: 1 }));
	return relu(add(convNorm(net, 3, inner), shortcut(net, x, stride)));
});

/** The 7x7 convolution at the beginning: [1, C, H, W] to [1, 64, H/2, W/2]. */
export function stem(net: Scope, x: Value): Value {
	return relu(convNorm(net, 1, x, { stride: 2, padding: 3 }));
}

/** Halves the size by the largest in 3x3 windows. */
export function maxPool(x: Value): Value {
	return pool(x, 'max', { size: 3, stride: 2, padding: 1 });
}

/** Blocks in a row, the first of them with the stride. */
export function stage(net: Scope, block: Block, x: Value, stride: number): Value {
	let y = block(net.in(0), x, stride);
	for (let i = 1; net.has(`${i}.conv1.weight`); i++) y = block(net.in(i), y, 1);
	return y;
}
