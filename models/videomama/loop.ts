import { Tensor } from 'onnxruntime-common';
import { requireFinite } from '../finite.ts';
import type { Frame, Plane } from '../frame.ts';
import type { MatterStep } from '../matter.ts';
import { FRAMES_AT_ONCE } from './build.ts';
import { drawFrame, drawPlane } from './draw.ts';
import type { VideoMaMaNetworks } from './networks.ts';
import { frameNoise } from './noise.ts';
import type { View } from './view.ts';

/** One frame of a window. */
export interface WindowFrame {
	/** In the clip, from 0. */
	readonly index: number;
	readonly frame: Frame;
	readonly mask: Plane;
	/** Takes the mask as it is, not thresholded. */
	readonly soft: boolean;
	/** The frame's latents, from a window before with the same view. */
	readonly latents?: Float32Array;
}

/** What a window gives for each of its frames. */
export interface WindowResult {
	/** 0 to 1: [height, width] of the canvas. */
	readonly alphas: readonly Float32Array[];
	/** The frames' latents: [4, height / 8, width / 8]. */
	readonly latents: readonly Float32Array[];
}

export interface WindowHooks {
	readonly signal?: AbortSignal;
	/** @param share of the window's work that is done, 0 to 1 */
	readonly onStage: (stage: MatterStep['stage'], share: number) => void;
}

/**
 * What each stage takes of a window's time: a picture through the encoder, counted for frame and mask, against a frame in the UNet and in
 * the decoder (multiplications at 1024x576: about 1.2, 1.2, 1.7 and 3.5 million million).
 */
const ENCODE = 0.32;
const DENOISE = 0.22;
const DECODE = 1 - ENCODE - DENOISE;

/**
 * Mattes one window: encodes frames and masks, lets the UNet predict the alphas' latents in its one step, and decodes them.
 * @param networks for the view's canvas and as many frames
 * @throws CodedError `out-of-memory`, `alpha-invalid`; the signal's reason when it was aborted
 */
export async function matteWindow(
	networks: VideoMaMaNetworks,
	view: View,
	frames: readonly WindowFrame[],
	seed: number,
	hooks: WindowHooks
): Promise<WindowResult> {
	const [width, height] = [view.canvas.width / 8, view.canvas.height / 8];
	const latents: Float32Array[] = [];
	const masks: Float32Array[] = [];
	for (const { frame, mask, soft, latents: known } of frames) {
		hooks.onStage('encode', (ENCODE * masks.length) / frames.length);
		latents.push(known ?? (await encode(networks, drawFrame(frame, view), view, hooks)));
		masks.push(await encode(networks, drawMask(mask, soft, view), view, hooks));
	}

	hooks.onStage('denoise', ENCODE);
	hooks.signal?.throwIfAborted();
	const dims = [1, frames.length, 4, height, width];
	const noise = frames.map(({ index }) => frameNoise(seed, index, width, height));
	const predicted = await networks.unet.run({
		noise: new Tensor('float32', joined(noise), dims),
		frames: new Tensor('float32', joined(latents), dims),
		masks: new Tensor('float32', joined(masks), dims)
	});

	const clean = (await predicted.latents!.getData()) as Float32Array;
	const alphas: Float32Array[] = [];
	for (let at = 0; at < frames.length; at += FRAMES_AT_ONCE) {
		hooks.onStage('decode', ENCODE + DENOISE + (DECODE * at) / frames.length);
		hooks.signal?.throwIfAborted();
		const count = Math.min(FRAMES_AT_ONCE, frames.length - at);
		const place = 4 * height * width;
		const part = clean.subarray(at * place, (at + count) * place);
		const { alpha } = await networks.decoder.run({
			latents: new Tensor('float32', part, [count, 4, height, width])
		});
		const values = requireFinite((await alpha!.getData()) as Float32Array);
		const pixels = values.length / count;
		for (let i = 0; i < count; i++) alphas.push(values.slice(i * pixels, (i + 1) * pixels));
	}
	return { alphas, latents };
}

/** @param rgb [3, height, width] of the canvas */
async function encode(
	{ encoder }: VideoMaMaNetworks,
	rgb: Float32Array,
	{ canvas }: View,
	{ signal }: WindowHooks
): Promise<Float32Array> {
	signal?.throwIfAborted();
	const image = new Tensor('float32', rgb, [1, 3, canvas.height, canvas.width]);
	const { latent } = await encoder.run({ image });
	return (await latent!.getData()) as Float32Array;
}

/** A mask as a grey picture. */
function drawMask(mask: Plane, soft: boolean, view: View): Float32Array {
	const values = drawPlane(mask, view);
	if (!soft) for (let i = 0; i < values.length; i++) values[i] = values[i]! > 0.5 ? 1 : 0;
	return joined([values, values, values]);
}

function joined(parts: readonly Float32Array[]): Float32Array {
	const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
