import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { linear } from '../../onnx/layers.ts';
import { relu } from '../../onnx/operators/index.ts';

/**
 * The detector's heads: `layer1`, `layer2`, … with ReLU between them, as many as the checkpoint has. They are small, and what they say is
 * final: never in 4 bits.
 */
export const perceptron = module((net: Scope, x: Value): Value => {
	let y = linear(net.in('layer1'), x);
	for (let i = 2; net.has(`layer${i}.weight`); i++) y = linear(net.in(`layer${i}`), relu(y));
	return y;
});
