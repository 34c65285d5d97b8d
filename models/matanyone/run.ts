import { CodedError } from '../errors.ts';
import type { Alpha, Frame, Mask, Size } from '../frame.ts';
import { requireSize } from '../mask.ts';
import type { MatterHooks } from '../matter.ts';
import { Canvas, workingSize } from './canvas.ts';
import type { LoadedNetworks } from './networks.ts';
import type { MatAnyoneOptions } from './options.ts';
import { seedMask, threshold } from './seed-mask.ts';
import { WindowedLoop } from './windowed-loop.ts';

/** The next size to try when memory is short: a little more than half the pixels. */
const SMALLER = 0.75;

/** The shorter side below which working smaller makes no sense, in pixels. */
const LEAST_SIDE = 128;

/**
 * One target on its way through a clip. Works at a smaller size when memory is short, if that is allowed. Runs of several targets can
 * share frames and networks.
 */
export class TargetRun {
	/** The shorter side of the picture to work at; -1 for the clip's own. */
	#maxSize: number;
	/** The one that the user knows of. */
	#toldSize: number;
	#loop: WindowedLoop | undefined;
	/** The newest frame with its alpha, from which the run goes on when it must work smaller. */
	#last: { readonly frame: Frame; readonly alpha: Alpha } | undefined;

	constructor(
		private readonly networks: LoadedNetworks,
		private readonly options: MatAnyoneOptions,
		private readonly hooks: MatterHooks
	) {
		this.#maxSize = this.#toldSize = options.maxSize;
	}

	/**
	 * Begins at a keyframe, whatever was before.
	 * @throws CodedError `mask-size`, `mask-empty`, `mask-full`, `out-of-memory`, `alpha-invalid`; the signal's reason when it was aborted
	 */
	async begin(frame: Frame, mask: Mask): Promise<Alpha> {
		requireSize(mask, frame);
		const alpha = await this.#start(frame, seedMask(mask, this.options));
		this.#last = { frame, alpha };
		return alpha;
	}

	/**
	 * Goes on to the next frame.
	 * @throws CodedError `out-of-memory`, `alpha-invalid`; the signal's reason when it was aborted
	 */
	async next(frame: Frame): Promise<Alpha> {
		for (;;) {
			try {
				const alpha = await this.#loop!.next(frame);
				this.#last = { frame, alpha };
				return alpha;
			} catch (error) {
				const target = threshold(this.#last!.alpha, 128);
				if (!target.data.includes(255)) throw error;
				this.#workSmaller(error, frame);
				await this.#start(this.#last!.frame, target);
			}
		}
	}

	dispose(): void {
		this.#loop?.dispose();
	}

	async #start(frame: Frame, seed: Mask): Promise<Alpha> {
		for (;;) {
			this.#loop?.dispose();
			const canvas = new Canvas(frame, this.#maxSize);
			this.#loop = new WindowedLoop(canvas, seed, this.networks, this.options);
			try {
				const alpha = await this.#loop.begin(frame, this.hooks.signal);
				this.#tell(canvas.picture);
				return alpha;
			} catch (error) {
				this.#workSmaller(error, frame);
			}
		}
	}

	/** Answers a lack of memory by a smaller size, if that is allowed and possible; throws any other error on. */
	#workSmaller(error: unknown, frame: Frame): void {
		const isMemory = error instanceof CodedError && error.code === 'out-of-memory';
		const { width, height } = workingSize(frame, this.#maxSize);
		const side = Math.floor(SMALLER * Math.min(width, height));
		if (!isMemory || !this.options.allowSmaller || side < LEAST_SIDE) throw error;
		this.#maxSize = side;
	}

	#tell({ width, height }: Size): void {
		if (this.#maxSize === this.#toldSize) return;
		this.#toldSize = this.#maxSize;
		this.hooks.onNotice?.({ code: 'worked-smaller', params: { width, height } });
	}
}
