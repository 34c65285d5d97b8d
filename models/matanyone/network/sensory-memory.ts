import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { add, cast, concat, multiply, sigmoid, split, subtract, tanh } from '../../onnx/operators/index.ts';

/**
 * One step of the gated recurrence over the sensory memory h (XMem; Cheng and Schwing, 2022), in float32 as upstream has it:
 * h' = f·h·(1 - u) + u·n, with gates f, u = σ(·) and news n = tanh(·) from a convolution over what is seen and h.
 * @param seen [1, C, h, w]
 * @param memory [1, S, h, w], float32
 */
function recurrence(net: Scope, seen: Value, memory: Value): Value {
	const input = concat([cast(seen, 'float32'), memory], 1);
	const gates = conv(net.as('float32').in('transform'), input, { padding: 1 });
	const channels = memory.shape[1] as number;
	const [forget, update, news] = split(gates, 1, [channels, channels, channels]) as [Value, Value, Value];
	const u = sigmoid(update);
	const kept = multiply(multiply(sigmoid(forget), memory), subtract(1, u));
	return add(kept, multiply(u, tanh(news)));
}

/** The update on memory frames: from the encoded mask [1, C, h, w]. */
export const deepUpdate = module(recurrence);

/** The update by every prediction: from the decoder's maps at strides 16, 8, 4, 2 and 1, each brought to stride 16. */
export const fullScaleUpdate = module((net: Scope, maps: readonly Value[], memory: Value): Value => {
	const seen = maps.map((map, i) => conv(net.in(`g${16 >> i}_conv`), map)).reduce((a, b) => add(a, b));
	return recurrence(net, seen, memory);
});
