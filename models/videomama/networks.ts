import type { Size } from '../frame.ts';
import type { Network } from '../runtime.ts';

/**
 * VideoMaMa's networks for a size whose sides are multiples of 64, h = H/8 and w = W/8. What goes in and out is float32 whatever they
 * compute in.
 */
export interface VideoMaMaNetworks {
	/**
	 * Pictures `image` [N, 3, H, W], 0 to 1 (a mask is a grey picture), to `latent` [N, 4, h, w]: the posterior's mean, not scaled. N is any
	 * number.
	 */
	readonly encoder: Network;
	/** `noise` (normal), `frames` and `masks` (latents of the encoder), each [1, T, 4, h, w], to `latents` [1, T, 4, h, w] of the alpha. */
	readonly unet: Network;
	/**
	 * `latents` [N, 4, h, w] as the UNet gives them to `alpha` [N, 1, H, W], 0 to 1. N is any number of frames that follow one another;
	 * upstream takes 8 at a time.
	 */
	readonly decoder: Network;
}

/**
 * Opens the networks for a size and a number of frames T that the UNet sees together.
 * @throws CodedError `out-of-memory`; the signal's reason when it was aborted
 */
export type OpenVideoMaMa = (size: Size, frames: number, signal?: AbortSignal) => Promise<VideoMaMaNetworks>;
