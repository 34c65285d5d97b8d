import { SvelteMap } from 'svelte/reactivity';
import type { Results } from '$lib/storage/results.ts';
import type { SavedResult } from '$lib/storage/types.ts';
import type { Job, OutputKind } from '$protocol/schema.ts';

/** The results that this browser keeps, by their keys. */
export class KeptResults {
	#byKey = new SvelteMap<string, SavedResult>();

	constructor(
		private readonly store: Pick<Results, 'get' | 'list' | 'put' | 'file' | 'remove'>,
		/** Called after the first result of this visit was kept. */
		private readonly onKept: () => void = () => {}
	) {}

	/** Reads what is kept. */
	async load(): Promise<void> {
		const found = await this.store.list();
		this.#byKey.clear();
		for (const result of found) this.#byKey.set(result.key, result);
	}

	get(key: string): SavedResult | undefined {
		return this.#byKey.get(key);
	}

	/** Least recently used first. */
	get all(): SavedResult[] {
		return [...this.#byKey.values()].sort((a, b) => a.used - b.used);
	}

	/** The kept jobs of a clip, newest first. */
	ofClip(hash: string | undefined): Job[] {
		const jobs = [...this.#byKey.values()].map(({ job }) => job);
		return jobs.filter(({ clip }) => clip === hash).sort((a, b) => b.created - a.created);
	}

	/** Looks a result up where another tab may have put it, too. */
	async find(key: string): Promise<SavedResult | undefined> {
		const found = await this.store.get(key);
		if (found) this.#byKey.set(key, found);
		else this.#byKey.delete(key);
		return found;
	}

	/** @throws CodedError `storage-full` */
	async keep(job: Job, files: ReadonlyMap<OutputKind, Blob>): Promise<void> {
		this.#byKey.set(job.key, await this.store.put(job, files));
		this.onKept();
	}

	file(key: string, kind: OutputKind): Promise<Blob | undefined> {
		return this.store.file(key, kind);
	}

	async remove(key: string): Promise<void> {
		await this.store.remove(key);
		this.#byKey.delete(key);
	}
}
