import { sameSize, type Size } from '../frame.ts';
import type { OpenVideoMaMa, VideoMaMaNetworks } from './networks.ts';

/** The networks of the size and window that were needed last; any others are released first, so that memory holds one set. */
export class LoadedNetworks {
	#size: Size | undefined;
	#frames = 0;
	#networks: VideoMaMaNetworks | undefined;

	constructor(private readonly open: OpenVideoMaMa) {}

	/** @throws CodedError `out-of-memory`; the signal's reason when it was aborted */
	async of(size: Size, frames: number, signal?: AbortSignal): Promise<VideoMaMaNetworks> {
		if (this.#networks && sameSize(this.#size!, size) && this.#frames === frames) return this.#networks;
		await this.release();
		this.#size = size;
		this.#frames = frames;
		return (this.#networks = await this.open(size, frames, signal));
	}

	async release(): Promise<void> {
		const { encoder, unet, decoder } = this.#networks ?? {};
		this.#networks = undefined;
		await Promise.all([encoder?.release(), unet?.release(), decoder?.release()]);
	}
}
