import { appError } from '$protocol/errors.ts';
import type { Database } from './database.ts';

/**
 * Keeps a session's clip until the server has it, so that a closed tab loses nothing: in the origin's private file system, or in
 * the database where the browser cannot write there.
 */
export class ClipFiles {
	constructor(
		private readonly database: Promise<Database>,
		private readonly storage: Pick<StorageManager, 'getDirectory'> | undefined = globalThis.navigator?.storage
	) {}

	/** @throws CodedError `storage-full` when the browser has no room */
	async put(id: string, file: Blob): Promise<void> {
		try {
			const directory = await this.#directory();
			if (directory) await write(directory, id, file);
			else await (await this.database).put('files', file, id);
		} catch (error) {
			if (error instanceof DOMException && error.name === 'QuotaExceededError') {
				throw appError('storage-full', {}, { cause: error });
			}
			throw error;
		}
	}

	async get(id: string): Promise<Blob | undefined> {
		const directory = await this.#directory();
		if (!directory) return (await this.database).get('files', id);
		try {
			return await (await directory.getFileHandle(id)).getFile();
		} catch (error) {
			if (isNotFound(error)) return undefined;
			throw error;
		}
	}

	async remove(id: string): Promise<void> {
		const directory = await this.#directory();
		if (!directory) return (await this.database).delete('files', id);
		await directory.removeEntry(id).catch((error) => {
			if (!isNotFound(error)) throw error;
		});
	}

	async #directory(): Promise<FileSystemDirectoryHandle | undefined> {
		const writable =
			'FileSystemFileHandle' in globalThis && 'createWritable' in FileSystemFileHandle.prototype;
		if (!writable || !this.storage) return undefined;
		const root = await this.storage.getDirectory();
		return root.getDirectoryHandle('clips', { create: true });
	}
}

/** Until it is whole, the file is there but empty: what a writable was given shows only when that is closed. */
async function write(directory: FileSystemDirectoryHandle, name: string, file: Blob): Promise<void> {
	const handle = await directory.getFileHandle(name, { create: true });
	await file.stream().pipeTo(await handle.createWritable());
}

function isNotFound(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'NotFoundError';
}
