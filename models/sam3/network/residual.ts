import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { layerNorm } from '../../onnx/layers.ts';
import { add, cast } from '../../onnx/operators/index.ts';

/**
 * What runs past all layers of a transformer stays float32 also within a float16 network: every layer adds a little to it, and what is
 * rounded away adds up.
 */

/** What a layer found, added to what runs past it: float32. */
export function residual(x: Value, found: Value): Value {
	return add(x, cast(found, 'float32'));
}

/** A layer's input, in the network's precision, from what runs past it. */
export const normalised = module((net: Scope, x: Value, epsilon?: number): Value =>
	cast(layerNorm(net.as('float32'), x, epsilon), net.precision)
);
