import type { EncodedFrame } from '../../models/segmenter.ts';

/** The frames that were encoded last, by key; the least recently used leaves when there are more than `capacity`. */
export class EncodedFrames {
	readonly #frames = new Map<string, EncodedFrame>();

	constructor(private readonly capacity: number) {}

	get(key: string): EncodedFrame | undefined {
		const frame = this.#frames.get(key);
		if (!frame) return undefined;
		this.#frames.delete(key);
		this.#frames.set(key, frame);
		return frame;
	}

	/** Takes the frame over; whatever leaves is disposed of. */
	set(key: string, frame: EncodedFrame): void {
		this.#frames.get(key)?.dispose();
		this.#frames.delete(key);
		this.#frames.set(key, frame);
		if (this.#frames.size <= this.capacity) return;
		const [oldest, dropped] = this.#frames.entries().next().value!;
		this.#frames.delete(oldest);
		dropped.dispose();
	}
}
