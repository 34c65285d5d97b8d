import type { IDBPObjectStore, StoreNames } from 'idb';
import type { Database, Schema } from './database.ts';
import type { SavedTracked } from './types.ts';

/** Frames that are read at once: some megabytes at most. */
const BATCH = 100;

type Store<Mode extends IDBTransactionMode> = IDBPObjectStore<Schema, StoreNames<Schema>[], 'tracked', Mode>;

/** All tracked frames of a session, or those after a time. */
export function ofSession(id: string, after = -1): IDBKeyRange {
	// A list comes after every number.
	return IDBKeyRange.bound([id, after], [id, []], true);
}

/** In order of time. */
export async function* readTracked(
	database: Database,
	id: string
): AsyncGenerator<readonly SavedTracked[], void, undefined> {
	for (let after: number | undefined; ;) {
		const frames = await database.getAll('tracked', ofSession(id, after), BATCH);
		if (frames.length === 0) return;
		yield frames;
		after = frames.at(-1)!.time;
	}
}

export async function allTracked(database: Database, id: string): Promise<SavedTracked[]> {
	const all: SavedTracked[] = [];
	for await (const frames of readTracked(database, id)) all.push(...frames);
	return all;
}

/** Writes frames within a transaction, in place of what was there; a frame without masks is removed. */
export async function putTracked(
	store: Store<'readwrite'>,
	id: string,
	frames: readonly SavedTracked[]
): Promise<void> {
	await Promise.all(
		frames.map(async (frame) => {
			const key: [string, number] = [id, frame.time];
			if (frame.masks.length > 0) await store.put(frame, key);
			else await store.delete(key);
		})
	);
}

/** Copies them from one session to another, within a transaction. */
export async function copyTracked(store: Store<'readwrite'>, from: string, to: string): Promise<void> {
	for (let after: number | undefined; ;) {
		const frames = await store.getAll(ofSession(from, after), BATCH);
		if (frames.length === 0) return;
		await putTracked(store, to, frames);
		after = frames.at(-1)!.time;
	}
}
