import type { ErrorBody } from '$protocol/errors.ts';
import type { Limits } from '$protocol/schema.ts';

interface Measured {
	readonly bytes: number;
	readonly duration: number;
	readonly width: number;
	readonly height: number;
}

/** Why the server would refuse a clip of this size, told before anything is sent; the server decides in the end. */
export function limitExceeded(limits: Limits, clip: Measured): ErrorBody | undefined {
	const { bytes, duration, width, height } = clip;
	if (bytes > limits.bytes) return { code: 'clip-too-large', params: { bytes, limit: limits.bytes } };
	if (duration > limits.seconds) {
		return { code: 'clip-too-long', params: { seconds: duration, limit: limits.seconds } };
	}
	if (Math.min(width, height) > limits.shortSide) {
		return { code: 'clip-too-big', params: { width, height, limit: limits.shortSide } };
	}
	return undefined;
}
