import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { relu } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { dense } from './dense.ts';

/** The two layers between attentions, `fc1` and `fc2`. */
export const feedForward = module(
	(net: Scope, x: Value, activation: (x: Value) => Value, build: Pick<Sam3Build, 'blockSize'>): Value =>
		dense(net.in('fc2'), activation(dense(net.in('fc1'), x, build)), build)
);

/** Layers `layer1`, `layer2`, … with ReLU between them, as many as the checkpoint has. */
export const perceptron = module((net: Scope, x: Value, build: Pick<Sam3Build, 'blockSize'>): Value => {
	let y = dense(net.in('layer1'), x, build);
	for (let i = 2; net.has(`layer${i}.weight`); i++) y = dense(net.in(`layer${i}`), relu(y), build);
	return y;
});
