interface Waiting<T, R> {
	readonly task: T;
	resolve(result: R | undefined): void;
	reject(reason: unknown): void;
}

/**
 * Runs tasks one after another. While one runs, only the newest of each key waits: what a newer one replaces is never run, and
 * its promise resolves to undefined.
 */
export class LatestQueue<T, R> {
	readonly #waiting = new Map<unknown, Waiting<T, R>>();
	#running = false;

	constructor(
		private readonly run: (task: T) => Promise<R>,
		private readonly key: (task: T) => unknown = () => undefined
	) {}

	push(task: T): Promise<R | undefined> {
		return new Promise((resolve, reject) => {
			const key = this.key(task);
			this.#waiting.get(key)?.resolve(undefined);
			this.#waiting.set(key, { task, resolve, reject });
			void this.#drain();
		});
	}

	/** Drops what waits; its promises resolve to undefined. */
	clear(): void {
		for (const waiting of this.#waiting.values()) waiting.resolve(undefined);
		this.#waiting.clear();
	}

	async #drain(): Promise<void> {
		if (this.#running) return;
		this.#running = true;
		for (const [key, { task, resolve, reject }] of this.#waiting) {
			this.#waiting.delete(key);
			await this.run(task).then(resolve, reject);
		}
		this.#running = false;
	}
}
