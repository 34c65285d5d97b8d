import { elements } from '../../onnx/dims.ts';
import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { add, cast, instanceNormalisation, multiply, reshape, silu } from '../../onnx/operators/index.ts';
import { inPrecisionOf } from './stream.ts';

/** Of every normalisation. */
const GROUPS = 32;

/**
 * Normalises groups of channels (Wu and He, 2018) of [B, C, ...], in the precision of x; the result is in the network's. Written as the normalisation of each group as if it were one channel: one kernel where ONNX's own operator is a function of ten.
 */
export const groupNorm = module((net: Scope, x: Value, epsilon: number): Value =>
	cast(normalised(net, x, epsilon), net.precision)
);

/** The same, and what comes out through x·σ(x), rounded only then. */
export const activated = module((net: Scope, x: Value, epsilon: number): Value =>
	cast(silu(normalised(net, x, epsilon)), net.precision)
);

function normalised(net: Scope, x: Value, epsilon: number): Value {
	const [batch, channels, ...places] = x.shape;
	const each = (channels as number) / GROUPS;
	const own = inPrecisionOf(x, net);
	const ofGroups = (value: number) => own.constant(new Float32Array(GROUPS).fill(value), [GROUPS]);
	const groups = reshape(x, [batch!, GROUPS, elements([each, ...places])]);
	const normal = reshape(instanceNormalisation(groups, ofGroups(1), ofGroups(0), epsilon), x.shape);
	const shape = [channels as number, ...places.map(() => 1)];
	const [scale, bias] = ['weight', 'bias'].map((name) => reshape(own.weight(name), shape));
	return add(multiply(normal, scale!), bias!);
}
