import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { convolution, convolutionTranspose, gelu, pool } from '../../onnx/operators/index.ts';
import { absorb, type Kernel } from './absorb.ts';

/**
 * One level of the feature pyramid that is made from the last map of the transformer alone (Li et al., 2022).
 * @param net `fpn_layers.I` of a neck
 * @param x [1, C, g, g]
 * @param scale 4, 2, 1 or 0.5
 * @param projection a convolution by 1 x 1 that is all that the level is for
 * @returns [1, 256 or the projection's channels, scale · g, scale · g]
 */
export const pyramidLevel = module((net: Scope, x: Value, scale: number, projection?: Scope): Value => {
	const { weight, bias } = projection ? absorb(net.in('proj2'), projection, 0) : kernelOf(net.in('proj2'));
	return convolution(rescale(net, x, scale), weight, bias, { padding: 1 });
});

/** The map at the level's size, and with its channels. */
function rescale(net: Scope, x: Value, scale: number): Value {
	const projection = net.in('proj1');
	const enlarge = (x: Value, { weight, bias }: Kernel) => convolutionTranspose(x, weight, bias, 2);
	const [first, last] = [net.in('scale_layers.0'), net.in('scale_layers.2')];
	switch (scale) {
		case 4:
			return enlarge(gelu(enlarge(x, kernelOf(first))), absorb(last, projection, 1));
		case 2:
			return enlarge(x, absorb(first, projection, 1));
		case 1:
			return conv(projection, x);
		case 0.5:
			return conv(projection, pool(x, 'max', { size: 2 }));
		default:
			throw net.graph.error(`no level of the pyramid at a scale of ${scale}`);
	}
}

function kernelOf(net: Scope): Kernel {
	return { weight: net.weight('weight'), bias: net.weight('bias') };
}
