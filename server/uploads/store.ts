import { createHash, randomBytes, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { appError } from '../protocol/errors.ts';
import { sha256 } from '../protocol/schema.ts';
import { readJson, writeJson } from '../store/json.ts';

const facts = z.object({
	id: z.string(),
	/** Bytes of the whole file. */
	length: z.number(),
	/** Upload-Metadata as the client sent it. */
	metadata: z.string(),
	filename: z.string(),
	/** SHA-256 of the whole file, if the client knew it. */
	sha256: sha256.optional(),
	/** Hash of the clip that came of it, once all is there. */
	clip: sha256.optional()
});
export type UploadFacts = z.infer<typeof facts>;

/** A file on its way here. */
export class Upload {
	/** Bytes that are on the disk, counted from the start of the file. */
	offset: number;
	#queue: Promise<unknown> = Promise.resolve();
	/** Hash of what arrived since the server started, with how far it has come. */
	#hash: Hash = createHash('sha256');
	#hashed = 0;

	constructor(
		readonly facts: UploadFacts,
		private readonly directory: string,
		offset: number
	) {
		this.offset = offset;
	}

	/** The bytes, as far as they are here. */
	get part(): string {
		return join(this.directory, `${this.facts.id}.part`);
	}

	/** Runs one thing at a time with the upload. */
	exclusively<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#queue.then(work);
		this.#queue = result.catch(() => {});
		return result;
	}

	/** Appends bytes. When the disk does not take all of them, none of them count. */
	async append(bytes: Buffer): Promise<void> {
		const file = await open(this.part, 'r+');
		try {
			for (let done = 0; done < bytes.length;) {
				const { bytesWritten } = await file.write(bytes, done, bytes.length - done, this.offset + done);
				done += bytesWritten;
			}
			if (this.offset + bytes.length === this.facts.length) await file.sync();
		} catch (error) {
			await truncate(this.part, this.offset).catch(() => {});
			throw error;
		} finally {
			await file.close();
		}
		if (this.#hashed === this.offset) {
			this.#hash.update(bytes);
			this.#hashed += bytes.length;
		}
		this.offset += bytes.length;
	}

	/** SHA-256 of the whole file; read again from the disk if part of it arrived before the server started. */
	async sha256(): Promise<string> {
		if (this.#hashed === this.facts.length) return this.#hash.copy().digest('hex');
		const hash = createHash('sha256');
		await pipeline(createReadStream(this.part, { highWaterMark: 2 ** 20 }), hash);
		return hash.digest('hex');
	}

	/** Remembers the clip that came of the upload. */
	async settle(clip: string): Promise<void> {
		this.facts.clip = clip;
		await this.save();
	}

	async save(): Promise<void> {
		await writeJson(join(this.directory, `${this.facts.id}.json`), this.facts);
	}
}

/** The uploads on the disk. What is there of a file is how far it has come, so that a restart loses nothing. */
export class UploadStore {
	readonly #uploads = new Map<string, Upload>();

	private constructor(private readonly directory: string) {}

	static async open(directory: string): Promise<UploadStore> {
		const store = new UploadStore(directory);
		for (const name of await readdir(directory)) {
			if (!name.endsWith('.json')) continue;
			const found = await readJson(join(directory, name), facts).catch(() => undefined);
			if (!found || `${found.id}.json` !== name) continue;
			const size = await stat(join(directory, `${found.id}.part`)).then(
				(stats) => stats.size,
				() => undefined
			);
			const offset = found.clip ? found.length : size;
			if (offset !== undefined) store.#uploads.set(found.id, new Upload(found, directory, offset));
		}
		for (const name of await readdir(directory)) {
			if (!store.#uploads.has(name.replace(/\.\w+$/, ''))) await rm(join(directory, name), { force: true });
		}
		return store;
	}

	/** @throws CodedError `upload-missing` */
	get(id: string): Upload {
		const upload = this.#uploads.get(id);
		if (!upload) throw appError('upload-missing');
		return upload;
	}

	async create(given: Omit<UploadFacts, 'id'>): Promise<Upload> {
		const id = randomBytes(16).toString('hex');
		const upload = new Upload({ id, ...given }, this.directory, given.clip ? given.length : 0);
		if (!given.clip) await (await open(upload.part, 'wx')).close();
		await upload.save();
		this.#uploads.set(id, upload);
		return upload;
	}

	async remove({ facts: { id }, part }: Upload): Promise<void> {
		this.#uploads.delete(id);
		await rm(part, { force: true });
		await rm(join(this.directory, `${id}.json`), { force: true });
	}

	/** Bytes that are still to come for all uploads. */
	get missing(): number {
		return [...this.#uploads.values()].reduce((sum, { facts, offset }) => sum + facts.length - offset, 0);
	}

	/** Removes uploads that nothing was added to since `before` (milliseconds since 1970). */
	async sweep(before: number): Promise<void> {
		for (const upload of [...this.#uploads.values()]) {
			await upload.exclusively(async () => {
				const file = upload.facts.clip ? join(this.directory, `${upload.facts.id}.json`) : upload.part;
				const stats = await stat(file).catch(() => undefined);
				if (!stats || stats.mtimeMs < before) await this.remove(upload);
			});
		}
	}
}
