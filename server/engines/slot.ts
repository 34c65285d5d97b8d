/** Holds one thing that is costly to load: memory is for one of its kind at a time. */
export class Slot<T> {
	#held: { readonly key: string; readonly thing: Promise<T> } | undefined;
	/** When what was emptied last is free. */
	#freed: Promise<void> = Promise.resolve();

	/** @param release gives back what a thing holds, before another is loaded */
	constructor(private readonly release: (thing: T) => void | Promise<void>) {}

	/** The thing of a key: the one that is held, or a new one in its place. What failed to load is tried again the next time. */
	get(key: string, load: () => Promise<T>): Promise<T> {
		if (this.#held?.key === key) return this.#held.thing;
		const thing = this.#replace(this.#held?.thing, load);
		this.#held = { key, thing };
		thing.catch(() => {
			if (this.#held?.thing === thing) this.#held = undefined;
		});
		return thing;
	}

	/** Gives back what is held; the next time it is loaded anew. */
	empty(): Promise<void> {
		const held = this.#held;
		this.#held = undefined;
		this.#freed = this.#free(held?.thing);
		return this.#freed;
	}

	async #replace(before: Promise<T> | undefined, load: () => Promise<T>): Promise<T> {
		await this.#freed;
		await this.#free(before);
		return load();
	}

	async #free(thing: Promise<T> | undefined): Promise<void> {
		const held = await thing?.catch(() => undefined);
		if (held !== undefined) await this.release(held);
	}
}
