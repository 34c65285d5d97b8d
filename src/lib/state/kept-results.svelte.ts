import { SvelteMap } from 'svelte/reactivity';
import type { Results } from '$lib/storage/results.ts';
import type { SavedResult } from '$lib/storage/types.ts';
import type { Job, OutputKind } from '$protocol/schema.ts';
import { isLocal } from './local-job.ts';

/** The results that this browser keeps, by their keys. */
export class KeptResults {
	#byKey = new SvelteMap<string, SavedResult>();

	constructor(
		private readonly store: Pick<Results, 'get' | 'list' | 'put' | 'file' | 'remove'>,
		/** Called after a result was kept, and after one was removed. */
		private readonly changed: { readonly kept?: () => void; readonly removed?: () => void } = {}
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
		const found = await this.#whole(key);
		if (found) this.#byKey.set(key, found);
		else this.#byKey.delete(key);
		return found;
	}

	/** A result whose files are all there. */
	async #whole(key: string): Promise<SavedResult | undefined> {
		const found = await this.store.get(key);
		for (const { kind } of found?.job.results ?? []) {
			if (!(await this.store.file(key, kind))) return undefined;
		}
		return found;
	}

	/** @throws CodedError `storage-full` */
	async keep(job: Job, files: ReadonlyMap<OutputKind, Blob>): Promise<void> {
		const before = await this.store.get(job.key);
		// What the server made can be had again, should there be no room for it now.
		if (before && isLocal(before.job) && !isLocal(job)) await this.store.remove(job.key);
		this.#byKey.set(job.key, await this.store.put(job, files));
		this.changed.kept?.();
	}

	file(key: string, kind: OutputKind): Promise<Blob | undefined> {
		return this.store.file(key, kind);
	}

	async remove(key: string): Promise<void> {
		await this.store.remove(key);
		this.#byKey.delete(key);
		this.changed.removed?.();
	}
}
