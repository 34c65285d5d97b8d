/**
 * Measures the time that a step of a chain of async iterables spends itself, without what it waits for: the time in which its
 * consumer waits for it, less the time in which it waits for its source.
 */
export class Meter {
	#milliseconds = 0;

	/** Milliseconds that the step has worked so far. */
	get milliseconds(): number {
		return this.#milliseconds;
	}

	/** The step's source, its waiting taken off. */
	source<T>(items: AsyncIterable<T>): AsyncIterable<T> {
		return this.#timed(items, -1);
	}

	/** The step's output, its making counted. */
	output<T>(items: AsyncIterable<T>): AsyncIterable<T> {
		return this.#timed(items, 1);
	}

	async *#timed<T>(items: AsyncIterable<T>, sign: 1 | -1): AsyncGenerator<T> {
		const iterator = items[Symbol.asyncIterator]();
		try {
			while (true) {
				const start = performance.now();
				const next = await iterator.next();
				this.#milliseconds += sign * (performance.now() - start);
				if (next.done) return;
				yield next.value;
			}
		} finally {
			await iterator.return?.();
		}
	}
}
