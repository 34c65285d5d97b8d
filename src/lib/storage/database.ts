import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { PromptingJSON } from '$lib/state/prompting.svelte.ts';
import type { MatteOptions } from '$models/matter.ts';
import { appError } from '$protocol/errors.ts';
import type { JobRequest, OutputKind } from '$protocol/schema.ts';

/** One clip with everything that was said about it. */
export interface SavedSession {
	readonly id: string;
	readonly name: string;
	readonly bytes: number;
	/** SHA-256 of the file, once it is known. */
	readonly hash?: string;
	/** The server has the whole clip. */
	readonly uploaded: boolean;
	readonly prompts?: PromptingJSON;
	readonly engine: JobRequest['engine'];
	readonly options: MatteOptions;
	readonly outputs: readonly OutputKind[];
	/** The jobs that were asked for, newest last. */
	readonly jobs: readonly string[];
	/** Milliseconds since 1970. */
	readonly created: number;
	readonly updated: number;
}

interface Schema extends DBSchema {
	sessions: { key: string; value: SavedSession; indexes: { updated: number } };
	/** Clip files of browsers without a private file system, by session. */
	files: { key: string; value: Blob };
}

export type Database = IDBPDatabase<Schema>;

const version = 1;

/**
 * Opens the browser's database, made or brought to the present version first.
 * @throws CodedError `storage-refused` when the browser keeps no data for the page
 */
export async function openDatabase(name = 'splazmatte'): Promise<Database> {
	const opening = openDB<Schema>(name, version, {
		upgrade(database, from) {
			if (from < 1) {
				database.createObjectStore('sessions', { keyPath: 'id' }).createIndex('updated', 'updated');
				database.createObjectStore('files');
			}
		},
		// Another tab has a newer version of the page, whose database waits for this one to be closed.
		blocking: () => location.reload()
	});
	return opening.catch((error: unknown) => {
		throw appError('storage-refused', {}, { cause: error });
	});
}
