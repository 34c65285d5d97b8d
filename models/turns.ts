/** Lets work be done one after the other, in the order in which it was asked for. */
export class Turns {
	#waiting: (() => void)[] = [];
	#busy = false;

	/**
	 * Does work in its turn: at once when nothing else is done.
	 * @param signal ends the waiting
	 * @throws the signal's reason; what `work` throws, which does not keep others from their turn
	 */
	async take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
		signal?.throwIfAborted();
		if (this.#busy) await this.#wait(signal);
		this.#busy = true;
		try {
			return await work();
		} finally {
			const beginNext = this.#waiting.shift();
			// Whoever waits takes the place over.
			if (beginNext) beginNext();
			else this.#busy = false;
		}
	}

	#wait(signal?: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const begin = () => {
				signal?.removeEventListener('abort', leave);
				resolve();
			};
			const leave = () => {
				this.#waiting = this.#waiting.filter((other) => other !== begin);
				reject(signal!.reason as Error);
			};
			signal?.addEventListener('abort', leave, { once: true });
			this.#waiting.push(begin);
		});
	}
}
