import type { VideoSample } from 'mediabunny';
import { nearest } from './nearest.ts';

/** Starts decoding at a timestamp and yields every frame from there on. */
export type DecodeFrom<Sample> = (timestamp: number) => AsyncGenerator<Sample, void, unknown>;

export interface FrameReaderOptions<Sample, Picture> {
	readonly timestamps: Float64Array;
	readonly decodeFrom: DecodeFrom<Sample>;
	/** Makes a picture to keep of a decoded frame. */
	readonly draw: (sample: Sample) => Promise<Picture> | Picture;
	/** How many pictures are kept; more than `reach`. */
	readonly capacity: number;
}

/** Frames that are decoded ahead of the last one asked for, and kept before one that was asked for going backward. */
const reach = 8;

/**
 * Random access to a clip's frames. One decoder runs forward from the last place that was asked for; frames it passes are kept
 * (least recently used leave first), and it runs a little ahead while nobody waits, so that stepping and playing find their frame.
 */
export class FrameReader<
	Sample extends Pick<VideoSample, 'timestamp' | 'close'>,
	Picture extends { close(): void }
> {
	readonly #options: FrameReaderOptions<Sample, Picture>;
	readonly #kept = new Map<number, Picture>();
	#decoder?: { samples: AsyncGenerator<Sample, void, unknown>; next: number };
	#last = -1;
	#turn: Promise<unknown> = Promise.resolve();
	#asked = 0;
	#readable = 0;

	constructor(options: FrameReaderOptions<Sample, Picture>) {
		this.#options = options;
	}

	/** Whether no one waits for a frame. */
	get idle(): boolean {
		return this.#asked === 0;
	}

	/** How many frames decoding has reached so far. */
	get readable(): number {
		return this.#readable;
	}

	/** A picture of the frame, made by `copy` from the one that is kept; undefined where decoding ends before it. */
	async read<Copy>(index: number, copy: (picture: Picture) => Promise<Copy>): Promise<Copy | undefined> {
		this.#asked++;
		try {
			return await this.#inTurn(async () => {
				const picture = this.#keptFrame(index) ?? (await this.#decode(index));
				this.#last = index;
				return picture && (await copy(picture));
			});
		} finally {
			this.#asked--;
			void this.#inTurn(() => this.#readAhead()).catch(() => {}); // told when the frame itself is asked for
		}
	}

	/** Resolves when every frame that is asked for now has been read. */
	settled(): Promise<void> {
		return this.#inTurn(async () => {});
	}

	#inTurn<T>(task: () => Promise<T>): Promise<T> {
		const result = this.#turn.then(task);
		this.#turn = result.catch(() => {});
		return result;
	}

	async #decode(index: number): Promise<Picture | undefined> {
		const next = this.#decoder?.next ?? Infinity;
		if (index < next || index - next > 4 * reach) {
			const backward = index < this.#last && this.#last - index <= 2 * reach;
			await this.#restart(backward ? Math.max(0, index - reach) : index);
		}
		while (this.#decoder && this.#decoder.next <= index) await this.#advance();
		return this.#kept.get(index);
	}

	async #readAhead(): Promise<void> {
		while (this.idle && this.#decoder && this.#decoder.next <= this.#last + reach) await this.#advance();
	}

	async #restart(index: number): Promise<void> {
		await this.#decoder?.samples.return();
		this.#decoder = { samples: this.#options.decodeFrom(this.#options.timestamps[index]!), next: index };
	}

	/** Takes one frame from the decoder and keeps it. */
	async #advance(): Promise<void> {
		const decoder = this.#decoder!;
		const { value: sample, done } = await decoder.samples.next().catch((error: unknown) => {
			this.#decoder = undefined;
			throw error;
		});
		if (done || !sample) {
			this.#decoder = undefined;
			return;
		}
		const index = nearest(this.#options.timestamps, sample.timestamp);
		try {
			if (!this.#kept.has(index)) this.#keep(index, await this.#options.draw(sample));
		} finally {
			sample.close();
		}
		decoder.next = Math.max(decoder.next, index + 1);
		this.#readable = Math.max(this.#readable, index + 1);
	}

	#keptFrame(index: number): Picture | undefined {
		const picture = this.#kept.get(index);
		if (picture) {
			this.#kept.delete(index);
			this.#kept.set(index, picture);
		}
		return picture;
	}

	#keep(index: number, picture: Picture): void {
		this.#kept.set(index, picture);
		if (this.#kept.size <= this.#options.capacity) return;
		const [oldest, dropped] = this.#kept.entries().next().value!;
		this.#kept.delete(oldest);
		dropped.close();
	}
}
