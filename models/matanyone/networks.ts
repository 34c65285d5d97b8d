import { modelError } from '../errors.ts';
import { sameSize, type Size } from '../frame.ts';
import type { MatAnyoneNetworks } from './loop.ts';

/**
 * Loads the networks for a size whose sides are multiples of 16.
 * @throws CodedError `out-of-memory`; the signal's reason when it was aborted
 */
export type OpenNetworks = (size: Size, signal?: AbortSignal) => Promise<MatAnyoneNetworks>;

/** The networks of the size that was needed last; those of any other are released first, so that memory holds one set. */
export class LoadedNetworks {
	/** More than this counts as too little memory, without a try. */
	maxPixels = Infinity;
	#size: Size | undefined;
	#networks: MatAnyoneNetworks | undefined;

	constructor(private readonly open: OpenNetworks) {}

	/** @throws CodedError `out-of-memory`; the signal's reason when it was aborted */
	async of({ width, height }: Size, signal?: AbortSignal): Promise<MatAnyoneNetworks> {
		if (this.#networks && sameSize(this.#size!, { width, height })) return this.#networks;
		if (width * height > this.maxPixels) throw modelError('out-of-memory');
		await this.release();
		this.#size = { width, height };
		return (this.#networks = await this.open(this.#size, signal));
	}

	async release(): Promise<void> {
		const { seed, first, step } = this.#networks ?? {};
		this.#networks = undefined;
		await Promise.all([seed?.release(), first?.release(), step?.release()]);
	}
}
