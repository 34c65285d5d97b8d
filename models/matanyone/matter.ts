import type { Frame, Size } from '../frame.ts';
import { finish } from '../finish.ts';
import type { Matted, Matter, MatteOptions, MatterHooks, MatterInput } from '../matter.ts';
import { LoadedNetworks, type OpenNetworks } from './networks.ts';
import { defaultMatAnyoneOptions } from './options.ts';
import { TargetRun } from './run.ts';

export interface MatAnyoneMatterOptions {
	readonly id: string;
	readonly open: OpenNetworks;
	/** Pixels that the networks may work on at once, at most; more counts as too little memory. */
	readonly maxWorkingPixels?: number;
	/** What the networks compute in. */
	readonly precision: 'float32' | 'float16';
}

/** A matter on MatAnyone's networks, which are loaded when they are first needed and stay for the next run of the same size. */
export function createMatAnyoneMatter(options: MatAnyoneMatterOptions): Matter {
	return new MatAnyoneMatter(options);
}

class MatAnyoneMatter implements Matter {
	readonly id: string;
	readonly masks = 'keyframes';
	readonly window = 1;
	readonly maxPixels = 8192 * 4320;
	readonly #networks: LoadedNetworks;

	constructor(private readonly given: MatAnyoneMatterOptions) {
		this.id = given.id;
		this.#networks = new LoadedNetworks(given.open, given.maxWorkingPixels ?? Infinity);
	}

	/** For the whole frame at its own size: what the networks hold at once, most of it for the similarity of the memory's tokens. */
	memory({ width, height }: Size): number {
		const bytes = this.given.precision === 'float32' ? 4 : 2;
		const pixels = width * height;
		const tokens = pixels / 256;
		const { maxMemFrames } = defaultMatAnyoneOptions;
		const weights = 88e6 * bytes;
		const features = 2 * 47 * bytes * pixels;
		const similarity = 2 * 4 * maxMemFrames * tokens ** 2;
		const attended = 30 * 256 * bytes * tokens;
		return weights + features + similarity + attended;
	}

	async *matte<F extends Frame>(
		frames: AsyncIterable<MatterInput<F>>,
		options: MatteOptions,
		hooks: MatterHooks = {}
	): AsyncIterable<Matted<F>> {
		const run = new TargetRun(this.#networks, options.matanyone ?? defaultMatAnyoneOptions, hooks);
		try {
			for await (const { frame, mask } of frames) {
				hooks.signal?.throwIfAborted();
				const alpha = mask ? await run.begin(frame, mask) : await run.next(frame);
				yield { frame, alpha: finish(alpha, options) };
			}
		} finally {
			run.dispose();
		}
	}

	dispose(): void {
		void this.#networks.release();
	}
}
