import type { IDBPTransaction, StoreNames } from 'idb';
import { appError } from '$protocol/errors.ts';
import type { Database, Schema } from './database.ts';

/**
 * Runs one transaction, which writes all that `work` asks for or, when that fails, nothing.
 * @throws CodedError `storage-full` when the browser has no room
 */
export async function write<Stores extends StoreNames<Schema>[], T>(
	database: Database,
	stores: Stores,
	work: (transaction: IDBPTransaction<Schema, Stores, 'readwrite'>) => Promise<T>
): Promise<T> {
	const transaction = begin(database, stores);
	try {
		const [made] = await Promise.all([work(transaction), transaction.done]);
		return made;
	} catch (error) {
		if (!transaction.error) transaction.abort();
		return failWriting(error);
	}
}

function begin<Stores extends StoreNames<Schema>[]>(database: Database, stores: Stores) {
	try {
		return database.transaction(stores, 'readwrite');
	} catch (error) {
		// The database was closed to make way for a newer version of the page.
		throw appError('storage-newer', {}, { cause: error });
	}
}

/** Throws on why something could not be stored: as `storage-full` where the browser has no room. */
export function failWriting(error: unknown): never {
	if (error instanceof DOMException && error.name === 'QuotaExceededError') {
		throw appError('storage-full', {}, { cause: error });
	}
	throw error;
}
