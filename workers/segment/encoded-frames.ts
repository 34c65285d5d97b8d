import type { EncodedFrame } from '../../models/segmenter.ts';

interface Kept {
	readonly frame: EncodedFrame;
	readonly bytes: number;
}

/** The frames that were made ready last, by key: as many as fit into a number of bytes, and always the newest two. */
export class EncodedFrames {
	readonly #kept = new Map<string, Kept>();

	/** @param limit in bytes */
	constructor(private readonly limit: number) {}

	get(key: string): EncodedFrame | undefined {
		const kept = this.#kept.get(key);
		if (!kept) return undefined;
		this.#kept.delete(key);
		this.#kept.set(key, kept);
		return kept.frame;
	}

	/** Takes the frame over; the ones that were used least recently leave and are disposed of. */
	set(key: string, frame: EncodedFrame, bytes: number): void {
		this.#drop(key);
		this.#kept.set(key, { frame, bytes });
		let sum = [...this.#kept.values()].reduce((total, { bytes }) => total + bytes, 0);
		for (const [oldest, { bytes }] of this.#kept) {
			if (sum <= this.limit || this.#kept.size <= 2) return;
			sum -= bytes;
			this.#drop(oldest);
		}
	}

	clear(): void {
		for (const key of [...this.#kept.keys()]) this.#drop(key);
	}

	#drop(key: string): void {
		this.#kept.get(key)?.frame.dispose();
		this.#kept.delete(key);
	}
}
