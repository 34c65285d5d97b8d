import { module, type Scope, type Value } from '../../onnx/graph.ts';
import {
	convolution,
	flatten,
	reshapeLike,
	squeeze,
	transpose,
	unsqueeze
} from '../../onnx/operators/index.ts';

/** Frames [T, C, H, W] side by side: [1, C, T, H · W]. */
export function together(frames: Value): Value {
	return unsqueeze(transpose(flatten(frames, 2, 3), [1, 0, 2]), 0);
}

/** Frames side by side one by one again, in the shape of others. */
export function apart(x: Value, frames: Value): Value {
	return reshapeLike(transpose(squeeze(x, 0), [1, 0, 2]), frames, 1, frames.shape.slice(1));
}

/**
 * A convolution along frames that lie side by side, place by place.
 * @param net whose kernel is stored for [1, C, T, H, W]
 * @param bias another one than its own
 */
export const alongFrames = module((net: Scope, x: Value, bias?: Value): Value => {
	const [out, channels, taps] = net.shapeOf('weight') as [number, number, number];
	const tensor = `${net.path}.weight`;
	const shape = [out, channels, taps, 1];
	const kernel = net.graph.initializer(tensor, net.precision, shape, { kind: 'tensor', tensor });
	return convolution(x, kernel, bias ?? net.weight('bias'), { padding: [(taps - 1) / 2, 0] });
});
