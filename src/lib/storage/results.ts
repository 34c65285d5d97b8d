import type { Job, OutputKind } from '$protocol/schema.ts';
import type { Database } from './database.ts';
import { fileHolds } from './file-holds.ts';
import { Files } from './files.ts';
import type { SavedResult } from './types.ts';
import { write } from './writing.ts';

/** The results that this browser keeps, by their key. */
export class Results {
	constructor(
		private readonly database: Promise<Database>,
		private readonly files = new Files(database),
		private readonly holds = fileHolds
	) {}

	async get(key: string): Promise<SavedResult | undefined> {
		return (await this.database).get('results', key);
	}

	/** Least recently used first. */
	async list(): Promise<SavedResult[]> {
		return (await this.database).getAllFromIndex('results', 'used');
	}

	/**
	 * Keeps the files of a finished job: all of them or, when it fails, none. Kinds that are here already stay as they are.
	 * @throws CodedError `storage-full`; what was kept before is kept still
	 */
	async put(job: Job, blobs: ReadonlyMap<OutputKind, Blob>): Promise<SavedResult> {
		const added: Partial<Record<OutputKind, string>> = {};
		try {
			for (const [kind, blob] of blobs) {
				if (!(await this.#read(job.key, kind))) added[kind] = await this.files.put(blob);
			}
			const result = await this.#record(job, added);
			for (const id of Object.values(added)) this.holds.letGoNew(id);
			return result;
		} catch (error) {
			for (const id of Object.values(added)) await this.files.remove(id);
			throw error;
		}
	}

	/** A file of a result, which counts as a use of it; undefined when it is not here. */
	async file(key: string, kind: OutputKind): Promise<Blob | undefined> {
		const file = await this.#read(key, kind);
		// A full disk must not keep a file from being shown.
		if (file) await this.#noteUse(key).catch(() => {});
		return file;
	}

	/** Removes a result and its files. */
	async remove(key: string): Promise<void> {
		const database = await this.database;
		const result = await database.get('results', key);
		await database.delete('results', key);
		for (const id of Object.values(result?.files ?? {})) await this.files.remove(id);
	}

	async #read(key: string, kind: OutputKind): Promise<Blob | undefined> {
		const id = (await this.get(key))?.files[kind];
		return id === undefined ? undefined : this.files.get(id);
	}

	/** Adds the files to the result's record, which is made when there is none. */
	async #record(job: Job, added: SavedResult['files']): Promise<SavedResult> {
		return write(await this.database, ['results', 'files'], async (transaction) => {
			const results = transaction.objectStore('results');
			const now = Date.now();
			const before = await results.get(job.key);
			const files = { ...before?.files, ...added };
			const records = await Promise.all(
				Object.values(files).map((id) => transaction.objectStore('files').get(id))
			);
			const bytes = records.reduce((sum, record) => sum + (record?.bytes ?? 0), 0);
			const result = { key: job.key, job, files, bytes, created: before?.created ?? now, used: now };
			await results.put(result);
			return result;
		});
	}

	async #noteUse(key: string): Promise<void> {
		await write(await this.database, ['results'], async (transaction) => {
			const results = transaction.objectStore('results');
			const result = await results.get(key);
			if (result) await results.put({ ...result, used: Date.now() });
		});
	}
}
