import type { Frame } from '../frame.ts';
import type { Matted, Matter, MatteOptions, MatterHooks, MatterInput } from '../matter.ts';
import { ClipRun, type MemoryLimit } from './clip-run.ts';
import { LoadedNetworks } from './loaded.ts';
import type { OpenVideoMaMa } from './networks.ts';
import { defaultVideoMaMaOptions, videoMaMaLimits } from './options.ts';

export interface VideoMaMaMatterOptions {
	readonly id: string;
	readonly open: OpenVideoMaMa;
	/** What is not even tried, since it needs more memory than there is. */
	readonly memory?: MemoryLimit;
}

/** A matter on VideoMaMa's networks, which are loaded when they are first needed and stay for the next run of the same size. */
export function createVideoMaMaMatter(options: VideoMaMaMatterOptions): Matter {
	return new VideoMaMaMatter(options);
}

class VideoMaMaMatter implements Matter {
	readonly id: string;
	readonly masks = 'every-frame';
	readonly window = videoMaMaLimits.window.most;
	readonly resumes = true;
	readonly maxPixels = 8192 * 4320;
	readonly #networks: LoadedNetworks;
	readonly #memory: MemoryLimit | undefined;

	constructor({ id, open, memory }: VideoMaMaMatterOptions) {
		this.id = id;
		this.#networks = new LoadedNetworks(open);
		this.#memory = memory;
	}

	async *matte<F extends Frame>(
		frames: AsyncIterable<MatterInput<F>>,
		options: MatteOptions,
		hooks: MatterHooks = {}
	): AsyncIterable<Matted<F>> {
		const { videomama = defaultVideoMaMaOptions } = options;
		const run = await ClipRun.begin<F>(this.#networks, { ...options, videomama }, hooks, this.#memory);
		for await (const input of frames) {
			hooks.signal?.throwIfAborted();
			yield* run.take(input);
		}
		yield* run.end();
	}

	dispose(): Promise<void> {
		return this.#networks.release();
	}
}
