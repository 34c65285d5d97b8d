import { modelError } from '../errors.ts';
import { sameSize, type Size } from '../frame.ts';
import type { MatAnyoneNetworks } from './loop.ts';

/**
 * Loads the networks for a size whose sides are multiples of 16.
 * @throws CodedError `out-of-memory`
 */
export type OpenNetworks = (size: Size) => Promise<MatAnyoneNetworks>;

/** The networks of the size that was needed last; those of any other are released first, so that memory holds one set. */
export class LoadedNetworks {
	#size: Size | undefined;
	#networks: MatAnyoneNetworks | undefined;

	/** @param maxPixels more than this counts as too little memory, without a try */
	constructor(
		private readonly open: OpenNetworks,
		private readonly maxPixels: number
	) {}

	/** @throws CodedError `out-of-memory` */
	async of({ width, height }: Size): Promise<MatAnyoneNetworks> {
		if (this.#networks && sameSize(this.#size!, { width, height })) return this.#networks;
		if (width * height > this.maxPixels) throw modelError('out-of-memory');
		await this.release();
		this.#size = { width, height };
		return (this.#networks = await this.open(this.#size));
	}

	async release(): Promise<void> {
		const { seed, first, step } = this.#networks ?? {};
		this.#networks = undefined;
		await Promise.all([seed?.release(), first?.release(), step?.release()]);
	}
}
