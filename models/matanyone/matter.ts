import { CodedError } from '../errors.ts';
import type { Frame, Size } from '../frame.ts';
import { finish } from '../finish.ts';
import type { Matted, Matter, MatteOptions, MatterHooks, MatterInput } from '../matter.ts';
import { canvasSize, TOKEN } from './canvas.ts';
import { LoadedNetworks, type OpenNetworks } from './networks.ts';
import { defaultMatAnyoneOptions, type MatAnyoneOptions } from './options.ts';
import { TargetRun } from './run.ts';

/** What the networks compute in. */
export type Precision = 'float32' | 'float16';

export interface MatAnyoneMatterOptions {
	readonly id: string;
	readonly open: OpenNetworks;
	/** Pixels that the networks may work on at once, at most; more counts as too little memory. */
	readonly maxWorkingPixels?: (options: MatAnyoneOptions) => number;
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

	readonly #maxWorkingPixels: (options: MatAnyoneOptions) => number;

	constructor({ id, open, maxWorkingPixels = () => Infinity }: MatAnyoneMatterOptions) {
		this.id = id;
		this.#networks = new LoadedNetworks(open);
		this.#maxWorkingPixels = maxWorkingPixels;
	}

	async prepare(size: Size, { matanyone = defaultMatAnyoneOptions }: MatteOptions, signal?: AbortSignal) {
		// Where the target is decides the size of a crop.
		if (matanyone.crop) return;
		this.#networks.maxPixels = this.#maxWorkingPixels(matanyone);
		await this.#networks.of(canvasSize(size, matanyone.maxSize), signal).catch((error: unknown) => {
			if (!(error instanceof CodedError && error.code === 'out-of-memory')) throw error;
		});
	}

	async *matte<F extends Frame>(
		frames: AsyncIterable<MatterInput<F>>,
		options: MatteOptions,
		hooks: MatterHooks = {}
	): AsyncIterable<Matted<F>> {
		const { matanyone = defaultMatAnyoneOptions } = options;
		this.#networks.maxPixels = this.#maxWorkingPixels(matanyone);
		const run = new TargetRun(this.#networks, matanyone, hooks);
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

	dispose(): Promise<void> {
		return this.#networks.release();
	}
}

/**
 * Bytes that the networks take to work at a size: weights of the three graphs, feature maps, and for the memory the similarity of every
 * token to those of all its frames, which grows with the square of the size.
 */
export function networkMemory(
	{ width, height }: Size,
	precision: Precision,
	{ maxMemFrames }: Pick<MatAnyoneOptions, 'maxMemFrames'> = defaultMatAnyoneOptions
): number {
	const bytes = precision === 'float32' ? 4 : 2;
	const pixels = width * height;
	const tokens = pixels / TOKEN ** 2;
	const weights = 88e6 * bytes;
	const features = 2 * 47 * pixels * bytes;
	// It is computed in float32 always, and held twice while the largest are picked.
	const similarity = 2 * 4 * maxMemFrames * tokens ** 2;
	const attended = 30 * 256 * tokens * bytes;
	return weights + features + similarity + attended;
}
