import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { convolutionTranspose, gelu, pool } from '../../onnx/operators/index.ts';

/**
 * One level of the feature pyramid that is made from the last map of the transformer alone (Li et al., 2022).
 * @param net `fpn_layers.I` of a neck
 * @param x [1, C, g, g]
 * @param scale 4, 2, 1 or 0.5
 * @returns [1, 256, scale · g, scale · g]
 */
export const pyramidLevel = module((net: Scope, x: Value, scale: number): Value =>
	conv(net.in('proj2'), conv(net.in('proj1'), rescale(net, x, scale)), { padding: 1 })
);

function rescale(net: Scope, x: Value, scale: number): Value {
	switch (scale) {
		case 4:
			return enlarge(net.in('scale_layers.2'), gelu(enlarge(net.in('scale_layers.0'), x)));
		case 2:
			return enlarge(net.in('scale_layers.0'), x);
		case 1:
			return x;
		case 0.5:
			return pool(x, 'max', { size: 2 });
		default:
			throw net.graph.error(`no level of the pyramid at a scale of ${scale}`);
	}
}

const enlarge = module((net: Scope, x: Value): Value =>
	convolutionTranspose(x, net.weight('weight'), net.weight('bias'), 2)
);
