import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { layerNorm as normalise } from '../../onnx/layers.ts';
import { add, cast } from '../../onnx/operators/index.ts';
import type { FloatType } from '../../onnx/types.ts';

/*
 * The stream is what one block after the other reads and adds to. Where it is float32 in a network of float16, what is added to it is not
 * rounded away, at the cost of some memory.
 */

/** A part of the network that computes in the precision of the stream. */
export function inPrecisionOf(stream: Value, net: Scope): Scope {
	return net.as(stream.dtype as FloatType);
}

export function addTo(stream: Value, change: Value): Value {
	return add(stream, cast(change, stream.dtype));
}

/** Normalises the last axis of the stream; the result is in the network's precision. */
export const layerNorm = module((net: Scope, stream: Value): Value =>
	cast(normalise(inPrecisionOf(stream, net), stream), net.precision)
);
