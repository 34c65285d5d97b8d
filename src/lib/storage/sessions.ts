import { appError } from '$protocol/errors.ts';
import type { Database } from './database.ts';
import { fileHolds } from './file-holds.ts';
import type { SavedPrompts, SavedSession, SavedTracked } from './types.ts';
import { allTracked, copyTracked, ofSession, putTracked, readTracked } from './tracked.ts';
import { write } from './writing.ts';

/** A session that was removed and can still be restored. */
export interface RemovedSession {
	readonly session: SavedSession;
	readonly prompts?: SavedPrompts;
	readonly thumbnail?: Blob;
	readonly tracked?: readonly SavedTracked[];
}

const stores: ('sessions' | 'prompts' | 'thumbnails' | 'tracked')[] = [
	...(['sessions', 'prompts', 'thumbnails', 'tracked'] as const)
];

/** The saved sessions of this browser. Writing may fail with CodedError `storage-full`, and then changes nothing. */
export class Sessions {
	/** What can still be restored, and how to let its clip go. */
	readonly #removed = new Map<RemovedSession, () => void>();
	readonly #channel = new BroadcastChannel('splazmatte-sessions');

	constructor(
		private readonly database: Promise<Database>,
		private readonly holds = fileHolds
	) {}

	async get(id: string): Promise<SavedSession | undefined> {
		return (await this.database).get('sessions', id);
	}

	/** Newest first. */
	async list(): Promise<SavedSession[]> {
		const sessions = await (await this.database).getAllFromIndex('sessions', 'updated');
		return sessions.reverse();
	}

	async prompts(id: string): Promise<SavedPrompts | undefined> {
		return (await this.database).get('prompts', id);
	}

	/** The masks that tracking found, in order of time, some frames at a time. */
	async *tracked(id: string): AsyncGenerator<readonly SavedTracked[], void, undefined> {
		yield* readTracked(await this.database, id);
	}

	/** On how many frames something was tracked. */
	async trackedFrames(id: string): Promise<number> {
		return (await this.database).count('tracked', ofSession(id));
	}

	/** Saves what was tracked on some frames, in place of what was there; a frame without masks is removed. All of it, or nothing. */
	async putTracked(id: string, frames: readonly SavedTracked[]): Promise<void> {
		await write(await this.database, ['tracked'], (transaction) =>
			putTracked(transaction.objectStore('tracked'), id, frames)
		);
	}

	async thumbnail(id: string): Promise<Blob | undefined> {
		return (await this.database).get('thumbnails', id);
	}

	async setThumbnail(id: string, thumbnail: Blob): Promise<void> {
		await write(await this.database, ['thumbnails'], (transaction) =>
			transaction.objectStore('thumbnails').put(thumbnail, id)
		);
		this.#channel.postMessage(id);
	}

	/** Saves a session, and its prompts, thumbnail and tracked masks where they are given, all or nothing. */
	async put(
		session: SavedSession,
		prompts?: SavedPrompts,
		thumbnail?: Blob,
		tracked?: readonly SavedTracked[]
	): Promise<void> {
		await this.#write({ session, prompts, thumbnail, tracked });
	}

	/**
	 * Copies a session with its prompts, tracked masks and thumbnail; the clip's file and the results are shared. What it waits for is not
	 * copied.
	 * @throws CodedError `session-missing`
	 */
	async duplicate(id: string, newId: string, title: string): Promise<SavedSession> {
		const { session, ...rest } = await this.#read(id);
		const now = Date.now();
		const tracking = session.tracking && { ...session.tracking, open: undefined };
		const copy = { ...session, id: newId, title, wanted: undefined, tracking, created: now, updated: now };
		await this.#write({ session: copy, ...rest }, id);
		return copy;
	}

	/**
	 * Removes a session. Its clip and results stay until it is forgotten or this tab ends.
	 * @throws CodedError `session-missing`
	 */
	async remove(id: string): Promise<RemovedSession> {
		const removed = { ...(await this.#read(id)), tracked: await allTracked(await this.database, id) };
		const { file } = removed.session;
		this.#removed.set(removed, file === undefined ? () => {} : await this.holds.hold(file));
		try {
			await write(await this.database, stores, (transaction) =>
				Promise.all(
					stores.map((name) => transaction.objectStore(name).delete(name === 'tracked' ? ofSession(id) : id))
				)
			);
		} catch (error) {
			this.#letGo(removed);
			throw error;
		}
		this.#channel.postMessage(id);
		return removed;
	}

	/** Takes the removal back. */
	async restore(removed: RemovedSession): Promise<void> {
		await this.#write(removed);
		this.#letGo(removed);
	}

	/**
	 * Ends the time in which a removed session can be restored: the results that no other session has are removed as well. The next
	 * `Files.sweep()` gives the room back.
	 */
	async forget(removed: RemovedSession): Promise<void> {
		this.#letGo(removed);
		await write(await this.database, ['sessions', 'results'], async (transaction) => {
			const sessions = await transaction.objectStore('sessions').getAll();
			for (const { session } of this.#removed.keys()) sessions.push(session);
			const used = new Set(sessions.flatMap(({ results, jobs }) => [...results, ...jobs]));
			const store = transaction.objectStore('results');
			for (const key of removed.session.results) {
				const job = (await store.get(key))?.job.id;
				if (!used.has(key) && !(job && used.has(job))) await store.delete(key);
			}
		});
	}

	/** Calls back with the id of every session that another tab saves or removes. Returns how to stop. */
	watch(changed: (id: string) => void): () => void {
		const told = ({ data }: MessageEvent<string>) => changed(data);
		this.#channel.addEventListener('message', told);
		return () => this.#channel.removeEventListener('message', told);
	}

	async #read(id: string): Promise<RemovedSession> {
		const transaction = (await this.database).transaction(stores);
		const [session, prompts, thumbnail] = await Promise.all([
			transaction.objectStore('sessions').get(id),
			transaction.objectStore('prompts').get(id),
			transaction.objectStore('thumbnails').get(id)
		]);
		if (!session) throw appError('session-missing');
		return { session, prompts, thumbnail };
	}

	/** @param copied the session whose tracked masks it gets, too */
	async #write(written: RemovedSession, copied?: string): Promise<void> {
		const { session, prompts, thumbnail, tracked = [] } = written;
		await write(await this.database, stores, async (transaction) => {
			const kept = transaction.objectStore('tracked');
			await putTracked(kept, session.id, tracked);
			if (copied !== undefined) await copyTracked(kept, copied, session.id);
			await transaction.objectStore('sessions').put(session);
			if (prompts) await transaction.objectStore('prompts').put(prompts, session.id);
			if (thumbnail) await transaction.objectStore('thumbnails').put(thumbnail, session.id);
		});
		if (session.file !== undefined) this.holds.letGoNew(session.file);
		this.#channel.postMessage(session.id);
	}

	#letGo(removed: RemovedSession): void {
		this.#removed.get(removed)?.();
		this.#removed.delete(removed);
	}
}
