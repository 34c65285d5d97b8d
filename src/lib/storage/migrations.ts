import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { oldClipFolder } from './private-folder.ts';

/**
 * Brings the database from one version to the next, inside the upgrade's transaction: it may wait for that transaction's requests
 * and for nothing else. What it reads has the shape of its time, so no type of the present version is used here.
 */
export type Migration = (
	database: IDBPDatabase,
	transaction: IDBPTransaction<unknown, string[], 'versionchange'>,
	/** Sizes of the clips that version 1 kept in the private file system, by path. */
	oldClips: ReadonlyMap<string, number>
) => Promise<void>;

/** The first makes version 1 of an empty database, the next version 2 of that, and so on. */
export const migrations: readonly Migration[] = [keepSessions, keepResults, nameTargets];

async function keepSessions(...[database]: Parameters<Migration>): Promise<void> {
	database.createObjectStore('sessions', { keyPath: 'id' }).createIndex('updated', 'updated');
	database.createObjectStore('files');
}

/** Results come in; prompts lie beside their session; a session names its clip's file, where the browser has the whole of it. */
async function keepResults(...[database, transaction, oldClips]: Parameters<Migration>): Promise<void> {
	const prompts = database.createObjectStore('prompts');
	database.createObjectStore('thumbnails');
	database.createObjectStore('results', { keyPath: 'key' }).createIndex('used', 'used');

	const sessions = transaction.objectStore('sessions');
	const files = transaction.objectStore('files');
	const whole = new Set<IDBValidKey>();
	for (const { prompts: said, ...session } of await sessions.getAll()) {
		const { id, bytes } = session;
		const blob: Blob | undefined = await files.get(id);
		const path = `${oldClipFolder}/${id}`;
		if (blob?.size === bytes) session.file = id;
		else if (oldClips.get(path) === bytes) session.file = path;
		if (session.file) {
			await files.put({ id: session.file, bytes, ...(session.file === id && { blob }) }, session.file);
			whole.add(session.file);
		}
		if (said) await prompts.put(said, id);
		await sessions.put({ ...session, results: [] });
	}
	for (const id of await files.getAllKeys()) if (!whole.has(id)) await files.delete(id);
}

/** What was said was about one target; now there may be several, and what was tracked of them is kept too. */
async function nameTargets(...[database, transaction]: Parameters<Migration>): Promise<void> {
	database.createObjectStore('tracked');
	const prompts = transaction.objectStore('prompts');
	for (const id of await prompts.getAllKeys()) {
		const { frames } = await prompts.get(id);
		const marks = frames.map((frame: object, index: number) => ({
			target: 1,
			revision: index + 1,
			...frame
		}));
		const targets = [{ id: 1, colour: 1, on: true }];
		const last = { target: 1, revision: frames.length };
		await prompts.put({ version: 2, targets, marks, searches: [], last }, id);
	}
}
