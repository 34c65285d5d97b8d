import type { ErrorParams } from '../errors.ts';
import type { FloatType } from '../onnx/types.ts';
import type { WebProvider } from '../runtime.web.ts';
import { gridOf, type Sam3Config } from './config.ts';
import { SCORE_BYTES } from './formats.ts';

/** What there is to compute with. */
export interface InputMeans {
	readonly provider: WebProvider;
	/** Whether it computes in half precision. */
	readonly half: boolean;
	/** Of the graphics card; absent on WebAssembly. */
	readonly limits?: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
	/** How long a frame took to encode at a size. */
	readonly trial?: { readonly size: number; readonly milliseconds: number };
	/** The size that is wished for: taken where it fits and is worth the wait, else the largest smaller one that is. */
	readonly size?: number;
	/** Whether it may take however long. */
	readonly anySpeed?: boolean;
}

/** A size that fits, and why it is none of the larger ones. */
export interface InputChoice {
	readonly size: number;
	readonly precision: FloatType;
	readonly reasons: readonly InputReason[];
}

/** Why a larger size, or the one that is wished for, is not taken. */
export interface InputReason {
	readonly size: number;
	/** Its buffers are larger than this graphics card allows: needed, limit (bytes). It would take too long: seconds. The model has no such size. */
	readonly code: 'input-buffer' | 'input-slow' | 'input-absent';
	readonly params: ErrorParams;
}

/** Nothing fits. `webgpu-too-small`: needed, limit (bytes of one buffer); `sam3-slow`: seconds (of a frame at the smallest size). */
export interface InputProblem {
	readonly code: 'webgpu-too-small' | 'sam3-slow';
	readonly params: ErrorParams;
}

/** Of the configuration's own size. */
const PARTS = [1, 2 / 3, 5 / 9, 1 / 2];

/** Sides of the input in pixels that can be chosen, the largest first: the configuration's own and smaller ones, multiples of the patch. */
export function inputSizes({ detector_config }: Sam3Config): readonly number[] {
	const { image_size, patch_size } = detector_config.vision_config.backbone_config;
	const sizes = PARTS.map((part) => Math.max(1, Math.round((part * image_size) / patch_size)) * patch_size);
	return [...new Set(sizes)];
}

/** Channels within a transformer layer's perceptron, for each of its own: 4736 of 1024 in `facebook/sam3`. */
const EXPANSION = 4.625;

/**
 * Bytes of the largest buffer that encoding a frame binds, with attention in parts: a layer's tokens with all channels of its perceptron, the
 * finest map, or scores, whichever is largest. For `facebook/sam3` that is no more than the 128 MiB that every graphics card with WebGPU
 * allows.
 */
export function largestBuffer(config: Sam3Config, size: number, precision: FloatType): number {
	const { backbone_config: backbone, fpn_hidden_size: channels } = config.detector_config.vision_config;
	const places = gridOf(config, size) ** 2;
	const bytes = precision === 'float16' ? 2 : 4;
	const hidden = EXPANSION * places * backbone.hidden_size * bytes;
	const scores = Math.min(SCORE_BYTES, places ** 2 * backbone.num_attention_heads * bytes);
	// What the networks give each other is float32 at any precision.
	const finest = 16 * places * channels * 4;
	return Math.max(hidden, finest, scores);
}

/** Floating point operations that encoding a frame takes, about: 5.4e12 at 1008. */
export function encodingFlops(config: Sam3Config, size: number): number {
	const { backbone_config: backbone } = config.detector_config.vision_config;
	const { hidden_size: width, num_hidden_layers: layers, window_size, global_attn_indexes } = backbone;
	const places = gridOf(config, size) ** 2;
	const products = 2 * (4 + 2 * EXPANSION) * width ** 2 * layers;
	const seen = (count: number) => 4 * count * width;
	const whole = global_attn_indexes.length;
	const window = Math.min(window_size ** 2, places);
	return places * (products + whole * seen(places) + (layers - whole) * seen(window));
}

/** Seconds in which a frame is to be ready, and those after which nobody waits any longer. */
const [SOON, PATIENCE] = [5, 20];

/**
 * The largest input that fits and is ready soon; where none is, the smallest, as long as it is worth the wait. Without a trial all that fits
 * is taken to be soon enough. Whether memory suffices is found out by running out of it, since no browser tells how much a graphics card has:
 * whoever opens SAM 3 then takes the next smaller size.
 */
export function chooseInput(config: Sam3Config, means: InputMeans): InputChoice | InputProblem {
	const { half, limits, trial, size: wished, anySpeed = false } = means;
	const precision: FloatType = half ? 'float16' : 'float32';
	const limit = limits ? Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize) : Infinity;
	const secondsAt = (size: number) =>
		trial
			? ((trial.milliseconds / 1000) * encodingFlops(config, size)) / encodingFlops(config, trial.size)
			: 0;
	const reasons: InputReason[] = [];
	const sizes = inputSizes(config);
	const most = wished !== undefined && sizes.includes(wished) ? wished : Infinity;
	if (wished !== undefined && most !== wished)
		reasons.push({ size: wished, code: 'input-absent', params: {} });
	for (const size of sizes) {
		const isLast = size === sizes.at(-1);
		const needed = largestBuffer(config, size, precision);
		const seconds = secondsAt(size);
		const longest = isLast || size === wished ? (anySpeed ? Infinity : PATIENCE) : SOON;
		if (needed > limit) {
			if (isLast) return { code: 'webgpu-too-small', params: { needed, limit } };
			reasons.push({ size, code: 'input-buffer', params: { needed, limit } });
		} else if (seconds > longest) {
			const params = { seconds: Math.round(seconds) };
			if (isLast) return { code: 'sam3-slow', params };
			reasons.push({ size, code: 'input-slow', params });
		} else if (size <= most) return { size, precision, reasons };
	}
	throw new Error('there is no input size');
}
