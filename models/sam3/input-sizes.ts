import type { ErrorParams } from '../errors.ts';
import type { FloatType } from '../onnx/types.ts';
import type { WebProvider } from '../runtime.web.ts';
import type { Sam3Config } from './config.ts';

/** What SAM 3 needs at an input size. */
export interface InputNeed {
	/** Bytes of the largest buffer that a graph binds. */
	readonly buffer: number;
	/** Bytes of memory at the most, weights and all. */
	readonly memory: number;
}

/** What there is to compute with. */
export interface InputMeans {
	readonly provider: WebProvider;
	/** Whether it computes in half precision. */
	readonly half: boolean;
	/** Of the graphics card; absent on WebAssembly. */
	readonly limits?: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
	/** How long a frame took to encode at a size. */
	readonly trial?: { readonly size: number; readonly milliseconds: number };
}

/** A size that fits, and why it is none of the larger ones. */
export interface InputChoice {
	readonly size: number;
	readonly precision: FloatType;
	readonly reasons: readonly InputReason[];
}

/** Why a larger size is not taken. */
export interface InputReason {
	readonly size: number;
	/** Its buffers are larger than this graphics card allows: needed, limit (bytes). It would take too long: seconds. */
	readonly code: 'input-buffer' | 'input-slow';
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
