import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { CodedError } from '$models/errors.ts';
import { appError } from '$protocol/errors.ts';
import { migrations } from './migrations.ts';
import { listFiles, oldClipFolder, privateRoot, readFile, type PrivateStorage } from './private-folder.ts';
import type { FileRecord, SavedPrompts, SavedResult, SavedSession, SavedTracked } from './types.ts';

export interface Schema extends DBSchema {
	sessions: { key: string; value: SavedSession; indexes: { updated: number } };
	/** By session. */
	prompts: { key: string; value: SavedPrompts };
	/** By session and time. */
	tracked: { key: [session: string, time: number]; value: SavedTracked };
	/** By session. */
	thumbnails: { key: string; value: Blob };
	results: { key: string; value: SavedResult; indexes: { used: number } };
	/** By the record's id. */
	files: { key: string; value: FileRecord };
}

export type Database = IDBPDatabase<Schema>;

interface DatabaseOptions {
	readonly storage?: PrivateStorage;
	/** Called when a newer version of the page, in another tab, has taken the database over; nothing can be kept any more then. */
	readonly superseded?: () => void;
}

/**
 * Opens the browser's database, made or brought to the present version first.
 * @throws CodedError `storage-newer` when a newer version of the page has written it, `storage-full` when there is no room to
 * bring it to the present version, `storage-refused` when the browser keeps no data for the page
 */
export async function openDatabase(
	name = 'splazmatte',
	{ storage, superseded = () => {} }: DatabaseOptions = {}
): Promise<Database> {
	let failure: unknown;
	try {
		const oldClips = await findOldClips(storage);
		return await openDB<Schema>(name, migrations.length, {
			async upgrade(database, from, _to, transaction) {
				transaction.done.catch((error) => (failure ??= error));
				try {
					for (const migrate of migrations.slice(from)) {
						await migrate(database as unknown as IDBPDatabase, transaction as never, oldClips);
					}
				} catch (error) {
					failure ??= error;
					if (!transaction.error) transaction.abort();
				}
			},
			// Another tab has a newer version of the page, whose database waits for this one to be closed.
			blocking(_version, _blocked, { target }) {
				(target as IDBDatabase).close();
				superseded();
			}
		});
	} catch (error) {
		throw openingError(failure ?? error);
	}
}

/** Sizes of the clips that version 1 kept in the private file system, by path; a migration cannot wait for them itself. */
async function findOldClips(storage?: PrivateStorage): Promise<ReadonlyMap<string, number>> {
	const sizes = new Map<string, number>();
	const root = await privateRoot(storage);
	for (const path of root ? await listFiles(root, oldClipFolder) : []) {
		const file = await readFile(root!, path);
		if (file) sizes.set(path, file.size);
	}
	return sizes;
}

function openingError(error: unknown): CodedError {
	const name = error instanceof DOMException ? error.name : undefined;
	if (name === 'VersionError') return appError('storage-newer', {}, { cause: error });
	if (name === 'QuotaExceededError') return appError('storage-full', {}, { cause: error });
	return appError('storage-refused', {}, { cause: error });
}
