import { module, type Scope, type Value } from '../../onnx/graph.ts';
import type { Sam3Build } from '../build.ts';
import { dense } from './dense.ts';

/** The two layers between attentions, `fc1` and `fc2`. */
export const feedForward = module(
	(net: Scope, x: Value, activation: (x: Value) => Value, build: Pick<Sam3Build, 'blockSize'>): Value =>
		dense(net.in('fc2'), activation(dense(net.in('fc1'), x, build)), build)
);
