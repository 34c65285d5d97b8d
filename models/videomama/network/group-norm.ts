import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { groupNorm as plain } from '../../onnx/layers.ts';

/** Of every normalisation. */
const GROUPS = 32;

/** Normalises groups of channels of [B, C, ...]. */
export const groupNorm = module((net: Scope, x: Value, epsilon: number): Value =>
	plain(net, x, GROUPS, epsilon)
);
