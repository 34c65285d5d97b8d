/** Lets work be done one after the other, in the order in which it was asked for. */
export class Turns {
	#last: Promise<unknown> = Promise.resolve();

	/** @throws what `work` throws, which does not keep others from their turn */
	take<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#last.then(work);
		this.#last = result.catch(() => {});
		return result;
	}
}
