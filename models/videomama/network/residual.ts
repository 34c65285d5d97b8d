import { module, type Scope, type Value } from '../../onnx/graph.ts';
import { conv } from '../../onnx/layers.ts';
import { add, cast, convolution, multiply, reshape } from '../../onnx/operators/index.ts';
import { alongFrames, apart, together } from './frames.ts';
import { activated } from './group-norm.ts';
import { addTo } from './stream.ts';
import type { Time } from './time.ts';

export interface ResidualOptions {
	readonly epsilon: number;
	/** What the block is told of the time; nothing when left out. */
	readonly time?: Time;
}

/**
 * Two 3x3 convolutions around a shortcut, each after a normalisation (diffusers' `ResnetBlock2D`).
 * @param x [T, C, H, W]
 */
export const residualBlock = module((net: Scope, x: Value, options: ResidualOptions): Value => {
	const y = convolutions(net, x, options, overPlaces);
	if (!net.has('conv_shortcut.weight')) return addTo(x, y);
	return addTo(cast(conv(net.in('conv_shortcut'), cast(x, net.precision)), x.dtype), y);
});

/**
 * A residual block over each frame, then one over each place along the frames, whose share in the result was learnt.
 * @param x [T, C, H, W]
 */
export const spatioTemporalBlock = module(
	(
		net: Scope,
		x: Value,
		{ time, epsilon, temporalEpsilon, share }: ResidualOptions & { temporalEpsilon: number; share: Share }
	): Value => {
		const still = residualBlock(net.in('spatial_res_block'), x, { time, epsilon });
		const options = { time, epsilon: temporalEpsilon };
		const moving = convolutions(net.in('temporal_res_block'), together(still), options, alongFrames);
		const change = multiply(moving, shareOfTime(net.in('time_mixer'), share));
		return addTo(still, apart(change, still));
	}
);

/** Whether the learnt number is for the frames by themselves, or for their course. */
export type Share = 'of still' | 'of time';

/** How much counts what was computed along the frames, 0 to 1: [1]. */
export function shareOfTime(net: Scope, share: Share): Value {
	const sign = share === 'of time' ? 1 : -1;
	return net.derived(['mix_factor'], share, [1], ([factor]) =>
		factor!.map((x) => 1 / (1 + Math.exp(-sign * x)))
	);
}

const overPlaces = (net: Scope, x: Value, bias?: Value): Value =>
	convolution(x, net.weight('weight'), bias ?? net.weight('bias'), { padding: 1 });

/** What a residual block adds. */
function convolutions(
	net: Scope,
	x: Value,
	{ time, epsilon }: ResidualOptions,
	convolve: typeof overPlaces
): Value {
	const first = activated(net.in('norm1'), x, epsilon);
	let y = convolve(net.in('conv1'), first, time?.bias(net));
	const shift = time?.shift(net);
	if (shift) y = add(y, reshape(shift, [1, shift.shape[1]!, 1, 1]));
	const second = activated(net.in('norm2'), cast(y, x.dtype), epsilon);
	return convolve(net.in('conv2'), second);
}
