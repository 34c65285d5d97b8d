import type { AttentionRoom } from '../onnx/attend.ts';
import type { FloatType } from '../onnx/types.ts';
import type { UNetConfig, VaeConfig } from './config.ts';

/** For what VideoMaMa's graphs are written. */
export interface VideoMaMaBuild {
	readonly unet: UNetConfig;
	readonly vae: VaeConfig;
	/** Of the pictures, multiples of 8; the network was trained on multiples of 64. */
	readonly width: number;
	readonly height: number;
	/** How many the UNet sees together. */
	readonly frames: number;
	/** What most of the networks compute in. Inputs and outputs stay float32. */
	readonly precision: FloatType;
	/** One operator for attention, where the provider never lays its scores out; or plain operators that take some queries at a time. */
	readonly attention: 'fused' | 'parts';
	/**
	 * Whether what is the same for every clip was computed when the weights were written: what blocks are told of the time, and what is
	 * read from an empty context. Yes when left out.
	 */
	readonly folded?: boolean;
	/** Whether the decoder gives its pictures, too: `pictures` [N, 3, H, W], -1 to 1. */
	readonly trace?: boolean;
}

/** Bytes of one tensor of scores, at most. */
export const SCORE_BYTES = 1 << 30;

/** Frames that the decoder is given together at most, as upstream does; the encoder, too. */
export const FRAMES_AT_ONCE = 8;

/** How attention is written over a batch that is known, or over frames whose number is open. */
export function attentionRoom(
	{ attention }: Pick<VideoMaMaBuild, 'attention'>,
	frames: 'known' | 'open'
): AttentionRoom {
	if (attention === 'fused') return {};
	return { scoreBytes: frames === 'known' ? SCORE_BYTES : SCORE_BYTES / FRAMES_AT_ONCE };
}
