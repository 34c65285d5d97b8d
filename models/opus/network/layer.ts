import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { layerNorm, linear } from '../../onnx/layers.ts';
import { add, multiHeadAttention, silu } from '../../onnx/operators/index.ts';

/** Queries [B, Q, C] look at keys and values [B, K, C], with `q_proj` before and `out_proj` after it. */
export const lookUp = module((net: Scope, x: Value, keys: Value, values: Value, heads: number): Value =>
	linear(net.in('out_proj'), multiHeadAttention(linear(net.in('q_proj'), x), keys, values, heads))
);

/** What a part of a layer found, added to its input and normalised by the layer norm of that name: after it, not before. */
export function settled(net: Scope, norm: string, x: Value, found: Value): Value {
	return layerNorm(net.in(norm), add(x, found));
}

/** The end of every layer: two linear ones for each token by itself. */
export function feedForward(net: Scope, x: Value): Value {
	return settled(net, 'final_layer_norm', x, linear(net.in('fc2'), silu(linear(net.in('fc1'), x))));
}
