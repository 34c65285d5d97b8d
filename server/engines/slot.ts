/** Holds one thing that is costly to load: memory is for one of its kind at a time. */
export class Slot<T> {
	#held: { readonly key: string; readonly thing: Promise<T> } | undefined;

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
	async empty(): Promise<void> {
		const held = this.#held;
		this.#held = undefined;
		const thing = await held?.thing.catch(() => undefined);
		if (thing !== undefined) this.release(thing);
	}

	async #replace(before: Promise<T> | undefined, load: () => Promise<T>): Promise<T> {
		const held = await before?.catch(() => undefined);
		if (held !== undefined) await this.release(held);
		return load();
	}
}
