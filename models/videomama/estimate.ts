import type { Size } from '../frame.ts';
import { FRAMES_AT_ONCE, SCORE_BYTES, type VideoMaMaBuild } from './build.ts';
import type { VideoMaMaOptions } from './options.ts';
import { wholeView } from './view.ts';
import { windowFrames } from './windows.ts';

/** How the networks compute. */
export type VideoMaMaSetup = Pick<VideoMaMaBuild, 'precision' | 'attention'>;

/** As a graphics card computes. */
export const onCard: VideoMaMaSetup = { precision: 'float16', attention: 'fused' };

/** Parameters of the UNet, and of the VAE's encoder and decoder. */
const PARAMETERS = 1524.63e6 + 97.74e6;

/** What a process takes on a device before its networks do: CUDA's context and libraries. */
const CONTEXT = 500e6;

/**
 * Numbers that the UNet holds at once for each place of a frame's latents, by the shapes and lives of its graph's tensors: at full
 * resolution, where 320 channels become 2560 within a feed-forward layer, with the features that are kept for the way up.
 */
const UNET_NUMBERS = 8320;

/** The same of the decoder for each pixel: 256 channels at full resolution, before and after an activation and within. */
const DECODER_NUMBERS = 768;

/**
 * Bytes that the networks take for windows of so many frames on a canvas: weights, and what the largest of them computes with. They run
 * one after the other.
 */
export function networkMemory({ width, height }: Size, frames: number, setup: VideoMaMaSetup): number {
	const bytes = setup.precision === 'float32' ? 4 : 2;
	const places = (width * height) / 64;
	const unet = UNET_NUMBERS * places * frames * bytes;
	const decoder = DECODER_NUMBERS * width * height * Math.min(frames, FRAMES_AT_ONCE) * bytes;
	// Attention that is split holds one part of the scores, before and after the softmax.
	const scores =
		setup.attention === 'parts' ? 2 * Math.min(SCORE_BYTES, 5 * frames * places ** 2 * bytes) : 0;
	return CONTEXT + PARAMETERS * bytes + Math.max(unet, decoder) + scores;
}

/** Bytes that a matte of a clip takes of the memory that the networks compute in; a crop to the target never takes more. */
export function videoMaMaMemory(
	picture: Size,
	{ maxSize, window }: Pick<VideoMaMaOptions, 'maxSize' | 'window'>,
	setup = onCard
): number {
	return networkMemory(wholeView(picture, maxSize).canvas, window, setup);
}

/** How much there is to compute for a clip, in pixels of the canvas: frames that windows share count in each of them. */
export function videoMaMaEffort(picture: Size, frames: number, options: VideoMaMaOptions): number {
	const { width, height } = wholeView(picture, options.maxSize).canvas;
	return windowFrames(frames, options) * width * height;
}
