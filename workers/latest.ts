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

	/** @param rank of those that wait, the ones with the least run first, in the order in which their keys came */
	constructor(
		private readonly run: (task: T) => Promise<R>,
		private readonly key: (task: T) => unknown = () => undefined,
		private readonly rank: (task: T) => number = () => 0
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
		for (let next = this.#next(); next; next = this.#next()) {
			const { task, resolve, reject } = next;
			await this.run(task).then(resolve, reject);
		}
		this.#running = false;
	}

	/** Takes what is to run next from those that wait. */
	#next(): Waiting<T, R> | undefined {
		let first: [key: unknown, waiting: Waiting<T, R>] | undefined;
		for (const entry of this.#waiting)
			if (!first || this.rank(entry[1].task) < this.rank(first[1].task)) first = entry;
		if (first) this.#waiting.delete(first[0]);
		return first?.[1];
	}
}
