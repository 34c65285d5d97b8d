/** Hands items from one side that makes them to one that iterates over them, one at a time. */
export class Handoff<T> implements AsyncIterable<T> {
	private readonly offered: { readonly item: T; readonly taken: () => void }[] = [];
	private ended = false;
	private wake: (() => void) | undefined;

	/** Resolves when the other side has taken the item. */
	send(item: T): Promise<void> {
		return new Promise((taken) => {
			this.offered.push({ item, taken });
			this.wake?.();
		});
	}

	/** Ends the iteration after what was sent. */
	end(): void {
		this.ended = true;
		this.wake?.();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
		for (;;) {
			const next = this.offered.shift();
			if (next) {
				next.taken();
				yield next.item;
			} else if (this.ended) return;
			else await new Promise<void>((resolve) => (this.wake = resolve));
		}
	}
}
