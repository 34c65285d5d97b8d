import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { relu } from '../../onnx/operators/index.ts';
import type { Sam3Build } from '../build.ts';
import { dense } from './dense.ts';

/** The tracker's heads: `proj_in`, `layers.0`, … and `proj_out` with ReLU between them, as many as the checkpoint has. */
export const mlp = module((net: Scope, x: Value, build: Pick<Sam3Build, 'blockSize'>): Value => {
	let y = relu(dense(net.in('proj_in'), x, build));
	for (let i = 0; net.in('layers').in(i).has('weight'); i++)
		y = relu(dense(net.in('layers').in(i), y, build));
	return dense(net.in('proj_out'), y, build);
});
