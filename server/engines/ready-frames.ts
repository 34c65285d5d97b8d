import type { EncodedFrame } from '../../models/segmenter.ts';

/** A frame that is ready for prompts, and how many bytes it holds. */
export interface ReadyFrame {
	readonly frame: EncodedFrame;
	readonly bytes: number;
}

export interface Keeping {
	/** For how long a frame stays after it was last asked. */
	readonly milliseconds: number;
	/** How many bytes the frames may hold together. */
	readonly bytes: number;
}

/** Frames that are ready for prompts, kept for the next click: those unasked for longest go first when they hold too much. */
export class ReadyFrames {
	/** The one asked last is the last. */
	readonly #frames = new Map<string, ReadyFrame>();
	readonly #timers = new Map<string, NodeJS.Timeout>();

	/**
	 * Asks a frame, which stays ready at least until that is answered, however large it is.
	 * @param key names the frame
	 * @param make makes it ready, where it is not
	 */
	async use<T>(
		key: string,
		keeping: Keeping,
		make: () => Promise<ReadyFrame>,
		ask: (frame: EncodedFrame, wasReady: boolean) => Promise<T>
	): Promise<T> {
		clearTimeout(this.#timers.get(key));
		const known = this.#frames.get(key);
		const ready = known ?? (await make());
		this.#frames.delete(key);
		this.#frames.set(key, ready);
		this.#makeRoom(key, keeping.bytes);
		try {
			return await ask(ready.frame, known !== undefined);
		} finally {
			this.#timers.set(
				key,
				setTimeout(() => this.#release(key), keeping.milliseconds)
			);
		}
	}

	/** How many there are. */
	get count(): number {
		return this.#frames.size;
	}

	/** Releases every frame. */
	clear(): void {
		for (const key of this.#frames.keys()) this.#release(key);
	}

	#makeRoom(key: string, limit: number): void {
		let held = [...this.#frames.values()].reduce((sum, { bytes }) => sum + bytes, 0);
		for (const [other, { bytes }] of this.#frames) {
			if (other === key || held <= limit) return;
			this.#release(other);
			held -= bytes;
		}
	}

	#release(key: string): void {
		clearTimeout(this.#timers.get(key));
		this.#timers.delete(key);
		this.#frames.get(key)?.frame.dispose();
		this.#frames.delete(key);
	}
}
