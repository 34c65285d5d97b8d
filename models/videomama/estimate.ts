import type { Size } from '../frame.ts';
import { FRAMES_AT_ONCE, SCORE_BYTES, type VideoMaMaBuild } from './build.ts';
import type { VideoMaMaOptions } from './options.ts';
import { wholeView } from './view.ts';
import { windowFrames } from './windows.ts';

/** How the networks compute. */
export type VideoMaMaSetup = Pick<VideoMaMaBuild, 'precision' | 'attention'>;

/** As a graphics card computes. */
export const onCard: VideoMaMaSetup = { precision: 'float16', attention: 'fused' };

/** Parameters of the VAE's encoder, of the UNet, and of the VAE's decoder. */
const PARAMETERS = { encoder: 34.16e6, unet: 1524.63e6, decoder: 63.58e6 };

/** What a process takes on a device before its networks do: CUDA's context and libraries. */
const CONTEXT = 500e6;

/**
 * Numbers that the UNet holds at once for each place of a frame's latents, by the shapes and lives of its graph's tensors: at full
 * resolution, where 320 channels become 2560 within a feed-forward layer, with the features that are kept for the way up.
 */
const UNET_NUMBERS = 8320;

/** The same of the decoder for each pixel: 256 channels at full resolution, before and after an activation and within. */
const DECODER_NUMBERS = 768;

/** The same of the encoder: 128 channels at full resolution, of one frame. */
const ENCODER_NUMBERS = 384;

/**
 * Bytes that the networks need at least for windows of so many frames on a canvas, where they take turns: what the largest of them takes. The
 * UNet's weights count all the time: where they are away they leave room for the workspaces of convolutions, which nobody knows before.
 */
export function networkMemory(canvas: Size, frames: number, setup: VideoMaMaSetup): number {
	const { encoder, unet, decoder } = memoryOfEach(canvas, frames, setup);
	return CONTEXT + unet.weights + Math.max(unet.working, sum(encoder), sum(decoder));
}

/** Bytes that they take together where each keeps what it once computed with: on a device ONNX Runtime has an arena for each. */
export function memoryTogether(canvas: Size, frames: number, setup: VideoMaMaSetup): number {
	const { encoder, unet, decoder } = memoryOfEach(canvas, frames, setup);
	return CONTEXT + sum(encoder) + sum(unet) + sum(decoder);
}

interface NetworkBytes {
	readonly weights: number;
	readonly working: number;
}

const sum = ({ weights, working }: NetworkBytes): number => weights + working;

/** The encoder is in float32 whatever the others are. */
function memoryOfEach(
	{ width, height }: Size,
	frames: number,
	{ precision, attention }: VideoMaMaSetup
): Record<'encoder' | 'unet' | 'decoder', NetworkBytes> {
	const bytes = precision === 'float32' ? 4 : 2;
	const pixels = width * height;
	const places = pixels / 64;
	const decoded = Math.min(frames, FRAMES_AT_ONCE);
	// Attention that is split holds one part of the scores, before and after the softmax.
	const scores = (each: number, most = SCORE_BYTES) =>
		attention === 'parts' ? 2 * Math.min(most, each * places ** 2) : 0;
	return {
		encoder: {
			weights: PARAMETERS.encoder * 4,
			working: ENCODER_NUMBERS * pixels * 4 + scores(4, SCORE_BYTES / FRAMES_AT_ONCE)
		},
		unet: {
			weights: PARAMETERS.unet * bytes,
			working: UNET_NUMBERS * places * frames * bytes + scores(5 * frames * bytes)
		},
		decoder: {
			weights: PARAMETERS.decoder * bytes,
			working: DECODER_NUMBERS * pixels * decoded * bytes + scores(decoded * bytes)
		}
	};
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
