/** Lets requests in one at a time, in the order in which they came. */
export class Turns {
	#waiting: (() => void)[] = [];
	#busy = false;

	/**
	 * Does something in its turn.
	 * @param signal ends the waiting
	 * @throws the signal's reason, what `run` throws
	 */
	async take<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
		signal.throwIfAborted();
		if (this.#busy) await this.#wait(signal);
		this.#busy = true;
		try {
			return await run();
		} finally {
			const beginNext = this.#waiting.shift();
			// Whoever waits takes the place over.
			if (beginNext) beginNext();
			else this.#busy = false;
		}
	}

	#wait(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const begin = () => {
				signal.removeEventListener('abort', leave);
				resolve();
			};
			const leave = () => {
				this.#waiting = this.#waiting.filter((other) => other !== begin);
				reject(signal.reason as Error);
			};
			signal.addEventListener('abort', leave, { once: true });
			this.#waiting.push(begin);
		});
	}
}
