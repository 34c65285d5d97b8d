/* eslint-disable svelte/prefer-svelte-reactivity -- sets are made anew here, never changed */
import { newId } from '$lib/new-id.ts';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Api } from '$lib/api/client.ts';
import { m } from '$lib/i18n/paraglide/messages.js';
import { getLocale } from '$lib/i18n/paraglide/runtime';
import type { Files } from '$lib/storage/files.ts';
import { askToPersist, readUsage, type Usage } from '$lib/storage/quota.ts';
import { SessionLock } from '$lib/storage/session-lock.ts';
import type { Sessions } from '$lib/storage/sessions.ts';
import type { SavedResult, SavedSession } from '$lib/storage/types.ts';
import { appError } from '$protocol/errors.ts';
import type { Jobs } from './jobs.svelte.ts';
import type { KeptResults } from './kept-results.svelte.ts';
import { entryOf, nameOf, type Entry, type Surroundings } from './library-entry.ts';
import { isLocal } from './local-job.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export type SortKey = 'name' | 'bytes' | 'updated';

export interface Sorting {
	readonly by: SortKey;
	readonly descending: boolean;
}

/** A result that may be removed to make room. */
export interface Removable {
	readonly result: SavedResult;
	/** Names of the sessions that it belongs to. */
	readonly sessions: readonly string[];
	/** The server has it too, as far as is known. */
	readonly onServer: boolean;
}

export interface LibraryParts {
	readonly sessions: Sessions;
	readonly files: Pick<Files, 'sweep'>;
	readonly results: Pick<KeptResults, 'load' | 'all' | 'get' | 'remove'>;
	readonly jobs: Pick<Jobs, 'all' | 'get'>;
	readonly connection: Pick<ServerConnection, 'status'>;
	readonly api: Pick<Api, 'clip'>;
	readonly toasts: Pick<Toasts, 'offer' | 'show'>;
	/** Tells the user of what went wrong. */
	readonly tell: (error: unknown) => void;
}

const idle = { won: () => {}, leaving: async () => {}, lost: () => {} };

/** What the browser itself is asked. */
const browser = {
	usage: () => readUsage(),
	persist: () => askToPersist(),
	lock: (session: string): Pick<SessionLock, 'open' | 'close'> => new SessionLock(session, idle)
};

/** Questions to the server that are asked at a time. */
const asked = 4;

/** All sessions of this browser, and the room that they take. */
export class Library {
	/** Newest first; undefined until they are read. */
	sessions = $state.raw<readonly SavedSession[]>();
	usage = $state.raw<Usage>();
	search = $state('');
	sorting = $state.raw<Sorting>({ by: 'updated', descending: true });

	readonly #marked = new SvelteSet<string>();
	/** Whether the server has a clip, by hash, as it was asked. */
	readonly #clips = new SvelteMap<string, boolean>();
	#loading = 0;

	readonly #made = $derived.by(() => {
		const jobs = this.parts.jobs.all.filter((job) => !isLocal(job));
		return {
			results: new Set(jobs.filter(({ state }) => state === 'done').map(({ key }) => key)),
			clips: new Set(jobs.map(({ clip }) => clip))
		};
	});
	readonly entries: readonly Entry[] = $derived.by(() => {
		const { jobs, results, connection } = this.parts;
		const around: Surroundings = {
			job: (id) => jobs.get(id),
			kept: (key) => results.get(key),
			marked: (id) => this.#marked.has(id),
			server:
				connection.status === 'online'
					? {
							hasResult: (key) => this.#made.results.has(key),
							hasClip: (hash) => this.#hasClip(hash)
						}
					: undefined
		};
		return (this.sessions ?? []).map((session) => entryOf(session, around));
	});
	/** What the search finds, sorted. */
	readonly shown: readonly Entry[] = $derived(sorted(found(this.entries, this.search), this.sorting));
	/** Least recently used first. */
	readonly removable: readonly Removable[] = $derived.by(() =>
		this.parts.results.all.map((result) => ({
			result,
			sessions: this.entries.filter(({ keys }) => keys.includes(result.key)).map(({ name }) => name),
			onServer: this.#made.results.has(result.key)
		}))
	);

	constructor(
		private readonly parts: LibraryParts,
		private readonly asking: typeof browser = browser
	) {}

	/** Reads everything anew. Never rejects. */
	load(): Promise<void> {
		return this.#try(async () => {
			const loading = ++this.#loading;
			const [sessions] = await Promise.all([this.parts.sessions.list(), this.parts.results.load()]);
			if (loading !== this.#loading) return;
			this.sessions = sessions;
			await Promise.all([this.#readMarks(sessions), this.#readUsage()]);
		});
	}

	/** Asks the server which clips it has of those that it is not known to have. Never rejects. */
	async askForClips(): Promise<void> {
		const sent = this.sessions?.filter(({ uploaded }) => uploaded).map(({ hash }) => hash) ?? [];
		const open = [...new Set(sent)].filter((hash) => hash !== undefined && !this.#hasClip(hash));
		const ask = async () => {
			for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
				this.#clips.set(hash, (await this.parts.api.clip(hash)) !== undefined);
			}
		};
		// What cannot be asked stays unknown, which is shown.
		await Promise.all(Array.from({ length: asked }, ask)).catch(() => {});
	}

	/** Follows what other tabs do. @returns how to stop */
	watch(): () => void {
		return this.parts.sessions.watch(() => void this.load());
	}

	/** Sorts by a column; by the same one again, the other way round. */
	sortBy(by: SortKey): void {
		const { sorting } = this;
		const descending = sorting.by === by ? !sorting.descending : by !== 'name';
		this.sorting = { by, descending };
	}

	thumbnail(id: string): Promise<Blob | undefined> {
		return this.parts.sessions.thumbnail(id);
	}

	/** Names a session; nothing, or the clip's own name, takes the title away. */
	rename({ session }: Entry, title: string): Promise<void> {
		const { sessions } = this.parts;
		const typed = title.trim();
		return this.#change(() =>
			this.#alone(session, async () => {
				const saved = await sessions.get(session.id);
				const named = typed === '' || typed === session.name ? undefined : typed;
				if (saved) await sessions.put({ ...saved, title: named });
			})
		);
	}

	/** Makes a second session of the same clip, with the same marks, settings and results. */
	duplicate({ session, name }: Entry): Promise<void> {
		return this.#change(async () => {
			const taken = new Set(this.entries.map((entry) => entry.name));
			let title = m.library_copy({ name });
			for (let count = 2; taken.has(title); count++) title = m.library_copy_number({ name, count });
			await this.parts.sessions.duplicate(session.id, newId(), title);
		});
	}

	/** Deletes a session, and offers to undo that for a while; then its results go, and its clip. */
	remove({ session, name }: Entry): Promise<void> {
		const { sessions, files, toasts } = this.parts;
		return this.#change(async () => {
			const removed = await this.#alone(session, () => sessions.remove(session.id));
			toasts.offer(() => m.library_deleted({ name }), {
				action: {
					label: () => m.library_undo(),
					run: () => void this.#change(() => sessions.restore(removed))
				},
				ended: () => void this.#change(() => sessions.forget(removed).then(() => files.sweep()))
			});
		});
	}

	/** The results used longest ago that together take at least so many bytes, or all. */
	oldest(bytes: number): readonly string[] {
		const keys: string[] = [];
		let freed = 0;
		for (const { result } of this.removable) {
			if (freed >= bytes) break;
			freed += result.bytes;
			keys.push(result.key);
		}
		return keys;
	}

	/** Removes results from this browser; their sessions keep marks, settings and clips. */
	removeResults(keys: readonly string[]): Promise<void> {
		return this.#change(async () => {
			for (const key of keys) await this.parts.results.remove(key);
		});
	}

	/** Asks the browser not to delete anything by itself. */
	persist(): Promise<void> {
		return this.#try(async () => {
			if (!(await this.asking.persist())) this.parts.toasts.show(() => m.storage_persist_refused());
			await this.#readUsage();
		});
	}

	/**
	 * Changes a session that no tab has open, which would save it as it was.
	 * @throws CodedError `session-elsewhere`
	 */
	async #alone<T>(session: SavedSession, change: () => Promise<T>): Promise<T> {
		const lock = this.asking.lock(session.id);
		try {
			if (!(await lock.open())) throw appError('session-elsewhere', { name: nameOf(session) });
			return await change();
		} finally {
			await lock.close();
		}
	}

	#hasClip(hash: string): boolean | undefined {
		return this.#made.clips.has(hash) || this.#clips.get(hash);
	}

	/** Only what has no result can be merely marked, so only that is looked at. */
	async #readMarks(sessions: readonly SavedSession[]): Promise<void> {
		this.#marked.clear();
		for (const { id } of sessions.filter(({ results }) => results.length === 0)) {
			const prompts = await this.parts.sessions.prompts(id);
			if (prompts && prompts.marks.length > 0) this.#marked.add(id);
		}
	}

	async #readUsage(): Promise<void> {
		this.usage = await this.asking.usage();
	}

	#change(change: () => Promise<void>): Promise<void> {
		return this.#try(change).then(() => this.load());
	}

	#try(action: () => Promise<void>): Promise<void> {
		return action().catch((error) => this.parts.tell(error));
	}
}

function found(entries: readonly Entry[], search: string): readonly Entry[] {
	const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
	if (words.length === 0) return entries;
	return entries.filter(({ name, session }) => {
		const text = `${name} ${session.name}`.toLocaleLowerCase();
		return words.every((word) => text.includes(word));
	});
}

function sorted(entries: readonly Entry[], { by, descending }: Sorting): readonly Entry[] {
	const names = new Intl.Collator(getLocale(), { numeric: true, sensitivity: 'base' });
	const order: Record<SortKey, (a: Entry, b: Entry) => number> = {
		name: (a, b) => names.compare(a.name, b.name),
		bytes: (a, b) => a.bytes - b.bytes,
		updated: (a, b) => a.session.updated - b.session.updated
	};
	const ascending = entries.toSorted(order[by]);
	return descending ? ascending.toReversed() : ascending;
}
