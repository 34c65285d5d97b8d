import type { Hash } from '$lib/state/upload.svelte.ts';

/** How far long work is told, and how it is stopped. */
export interface WorkOptions {
	/** Is told the part that is done, 0 to 1. */
	readonly onProgress?: (fraction: number) => void;
	/** Stops the work, which then rejects with the signal's reason. */
	readonly signal?: AbortSignal;
}

/** Work of a known number of bytes. */
export class Work {
	readonly signal: AbortSignal;
	#done = 0;

	constructor(
		private readonly total: number,
		private readonly options: WorkOptions
	) {
		this.signal = options.signal ?? new AbortController().signal;
		this.signal.throwIfAborted();
	}

	/** To be told after so many bytes more. @throws the signal's reason when aborted */
	advance(bytes: number): void {
		this.signal.throwIfAborted();
		this.#done += bytes;
		this.options.onProgress?.(this.total > 0 ? Math.min(1, this.#done / this.total) : 1);
	}

	/** SHA-256 of a file, whose bytes count as work. */
	async hashed(file: Blob, hash: Hash): Promise<string> {
		let seen = 0;
		const sum = await hash(
			file,
			(done) => {
				this.advance(done - seen);
				seen = done;
			},
			this.signal
		);
		this.advance(file.size - seen);
		return sum;
	}
}
