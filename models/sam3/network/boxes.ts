import type { Value } from '../../onnx/graph.ts';
import {
	add,
	concat,
	divide,
	logarithm,
	maximum,
	multiply,
	split,
	subtract
} from '../../onnx/operators/index.ts';

/** The four numbers of boxes [..., 4], each [..., 1]. */
export function coordinates(boxes: Value): [Value, Value, Value, Value] {
	return split(boxes, -1, [1, 1, 1, 1]) as [Value, Value, Value, Value];
}

/** Boxes [..., 4] by centre, width and height to left, top, right and bottom. */
export function corners(boxes: Value): Value {
	const [x, y, width, height] = coordinates(boxes);
	const [across, down] = [multiply(width, 0.5), multiply(height, 0.5)];
	return concat([subtract(x, across), subtract(y, down), add(x, across), add(y, down)], -1);
}

/** The logit of a number of 0 to 1, kept away from the ends. */
export function inverseSigmoid(x: Value): Value {
	const least = 1e-3;
	return logarithm(divide(maximum(x, least), maximum(subtract(1, x), least)));
}
