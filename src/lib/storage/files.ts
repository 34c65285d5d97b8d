import { newId } from '$lib/new-id.ts';
import type { Database } from './database.ts';
import { fileHolds } from './file-holds.ts';
import {
	listFiles,
	oldClipFolder,
	privateRoot,
	readFile,
	removeFile,
	writeFile,
	type PrivateStorage
} from './private-folder.ts';
import { failWriting } from './writing.ts';

const folder = 'files';

/**
 * Large files: in the origin's private file system, or in the database where the browser cannot write there. A file is known by the
 * id of its record, which is written when the file is whole; sessions and results refer to it by that id.
 */
export class Files {
	readonly #root: Promise<FileSystemDirectoryHandle | undefined>;

	constructor(
		private readonly database: Promise<Database>,
		storage?: PrivateStorage,
		private readonly holds = fileHolds
	) {
		this.#root = privateRoot(storage);
	}

	/**
	 * Resolves to the file's id once it is whole. While this tab lives, no sweep takes it before a session or result refers to it.
	 * @throws CodedError `storage-full` when the browser has no room; then nothing is left of the file
	 */
	async put(blob: Blob): Promise<string> {
		const [root, database] = await Promise.all([this.#root, this.database]);
		const id = `${folder}/${newId()}`;
		await this.holds.holdNew(id);
		try {
			if (root) await writeFile(root, id, blob);
			await database.put('files', { id, bytes: blob.size, ...(!root && { blob }) }, id);
		} catch (error) {
			if (root) await removeFile(root, id);
			this.holds.letGoNew(id);
			return failWriting(error);
		}
		return id;
	}

	/** Undefined when there is no such file, or its bytes are gone. */
	async get(id: string): Promise<Blob | undefined> {
		const record = await (await this.database).get('files', id);
		if (!record || record.blob) return record?.blob;
		const root = await this.#root;
		const file = root && (await readFile(root, id));
		return file?.size === record.bytes ? file : undefined;
	}

	/** Removes a file that no session or result refers to any more. */
	async remove(id: string): Promise<void> {
		await (await this.database).delete('files', id);
		const root = await this.#root;
		if (root) await removeFile(root, id);
		this.holds.letGoNew(id);
	}

	/**
	 * Removes the files that no session or result refers to, and what a killed tab left half-written; never what a tab has just
	 * written or may still restore. Another tab that sweeps makes this one needless.
	 */
	async sweep(): Promise<void> {
		await this.holds.sweeping(async () => {
			const [root, database] = await Promise.all([this.#root, this.database]);
			// In this order: what is listed here was held before, and is let go only once a record refers to it.
			const lying = root
				? [...(await listFiles(root, oldClipFolder)), ...(await listFiles(root, folder))]
				: [];
			const recorded = await database.getAllKeys('files');
			const held = await this.holds.all();
			const referred = await referredFiles(database);
			const unwanted = [...recorded, ...lying].filter((id) => !referred.has(id) && !held.has(writtenAs(id)));
			for (const id of new Set(unwanted)) await this.remove(id);
		});
	}
}

/** Chromium keeps what is written so far in a file of its own beside the one that it is for, and lists both. */
function writtenAs(path: string): string {
	return path.replace(/\.crswap$/, '');
}

/** The ids of all files that a session or a result refers to. */
async function referredFiles(database: Database): Promise<ReadonlySet<string>> {
	const transaction = database.transaction(['sessions', 'results']);
	const [sessions, results] = await Promise.all([
		transaction.objectStore('sessions').getAll(),
		transaction.objectStore('results').getAll()
	]);
	return new Set([
		...sessions.flatMap(({ file }) => file ?? []),
		...results.flatMap(({ files }) => Object.values(files))
	]);
}
