import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, modelError } from '../errors.ts';
import { Digest, fromDisk, readInto, sizeOf, type Disk, type Sink } from './files.node.ts';
import type { HubFile } from './hub.ts';

/** How a download deals with a bad connection. */
export interface Persistence {
	/** Cuts in a row, without a byte between them, after which it gives up. */
	readonly attempts: number;
	/** Milliseconds without a byte after which the connection counts as cut. */
	readonly silence: number;
	/** Milliseconds until it tries again; twice as long after each cut in a row. */
	readonly pause: number;
}

export const persistence: Persistence = { attempts: 5, silence: 60_000, pause: 1000 };

export interface DownloadOptions {
	readonly disk: Disk;
	readonly persistence: Persistence;
	readonly signal: AbortSignal;
	/** Bytes of this file that are here. */
	readonly onBytes: (bytes: number) => void;
	/** Where the bytes come from, to name it when it is away. */
	readonly host: string;
	/** Asks for the bytes from an offset on: `Hub.open` of the file. */
	readonly request: (offset: number, signal: AbortSignal) => Promise<Response>;
}

/** Where a file lies until all files of its download are whole. */
export const partOf = (target: string) => `${target}.part`;

/**
 * Downloads a file to a path. From what lies there a later call, also of another run of the program, goes on.
 * @returns its SHA-256, once it is whole and found right
 * @throws CodedError `download-wrong` (the part is removed), `disk-full`, `hub-…`; AbortError (the part is kept)
 */
export async function download(file: HubFile, path: string, options: DownloadOptions): Promise<string> {
	await mkdir(dirname(path), { recursive: true });
	const part = new Part(file, path, options);
	try {
		await part.open();
		await part.complete();
	} finally {
		await part.close();
	}
	const sha256 = part.finish();
	if (sha256) return sha256;
	await rm(path);
	throw modelError('download-wrong', { file: file.path });
}

/** A file that is not whole yet. */
class Part {
	#sink: Sink | undefined;
	#digest: Digest;
	/** Bytes that lie in it and went through the digest. */
	#have = 0;

	constructor(
		private readonly file: HubFile,
		private readonly path: string,
		private readonly options: DownloadOptions
	) {
		this.#digest = new Digest(file.checksum, file.bytes);
	}

	/** Goes on from what an earlier run left. */
	async open(): Promise<void> {
		const left = (await sizeOf(this.path)) ?? 0;
		if (left === 0 || left > this.file.bytes) return this.#begin();
		await readInto(this.#digest, this.path, this.options.signal);
		this.#have = left;
		this.#sink = await this.options.disk.open(this.path, 'a');
		this.options.onBytes(left);
	}

	/** Fetches what is missing, over as many connections as it takes, and waits until it is on the disk. */
	async complete(): Promise<void> {
		const { signal, persistence } = this.options;
		for (let cuts = 0; this.#have < this.file.bytes;) {
			const before = this.#have;
			try {
				await this.#connect();
			} catch (error) {
				signal.throwIfAborted();
				cuts = this.#have > before ? 1 : cuts + 1;
				if (!isPassing(error) || cuts >= persistence.attempts) throw error;
				await sleep(persistence.pause * 2 ** (cuts - 1), undefined, { signal });
			}
		}
		await this.#sink!.sync();
	}

	async close(): Promise<void> {
		await this.#sink?.close();
	}

	/** The file's SHA-256, or undefined when it is not what the hub says. */
	finish(): string | undefined {
		return this.#digest.finish();
	}

	async #begin(): Promise<void> {
		await this.#sink?.close();
		this.#sink = undefined;
		this.#sink = await this.options.disk.open(this.path, 'w');
		this.#digest = new Digest(this.file.checksum, this.file.bytes);
		this.#have = 0;
		this.options.onBytes(0);
	}

	/** Takes what one connection brings. */
	async #connect(): Promise<void> {
		const { request, signal, persistence } = this.options;
		const silence = new AbortController();
		const timer = setTimeout(() => silence.abort(), persistence.silence);
		try {
			const answer = await this.#reading(request(this.#have, AbortSignal.any([signal, silence.signal])));
			if (startOf(answer) !== this.#have) {
				// It does not go on from there, so it begins again: with this answer if that is the whole file, else with the next.
				if (this.#have === 0) throw this.#away();
				await this.#begin();
				if (answer.status !== 200) return await answer.body?.cancel();
			}
			const reader = answer.body!.getReader();
			for (;;) {
				const { done, value } = await this.#reading(reader.read());
				if (done) break;
				timer.refresh();
				await this.#take(value);
			}
			if (this.#have < this.file.bytes) throw this.#away();
		} finally {
			clearTimeout(timer);
			// Whatever is still on its way is not wanted.
			silence.abort();
		}
	}

	async #take(chunk: Uint8Array): Promise<void> {
		if (this.#have + chunk.length > this.file.bytes) {
			await rm(this.path);
			throw modelError('download-wrong', { file: this.file.path });
		}
		try {
			await this.#sink!.appendFile(chunk);
		} catch (error) {
			throw fromDisk(error);
		}
		this.#digest.update(chunk);
		this.#have += chunk.length;
		this.options.onBytes(this.#have);
	}

	/** Tells a connection that broke from a disk that did. */
	async #reading<T>(bytes: Promise<T>): Promise<T> {
		try {
			return await bytes;
		} catch (error) {
			throw error instanceof CodedError ? error : this.#away(error);
		}
	}

	#away(cause?: unknown): CodedError {
		return modelError('hub-away', { host: this.options.host }, { cause });
	}
}

/** Where the bytes of an answer begin in the file; -1 when that is not said. */
function startOf({ status, headers }: Response): number {
	if (status === 200) return 0;
	const range = /^bytes (\d+)-/.exec(headers.get('Content-Range') ?? '');
	return status === 206 && range ? Number(range[1]) : -1;
}

/** Whether it may be better when asked again. */
function isPassing(error: unknown): boolean {
	return error instanceof CodedError && (error.code === 'hub-away' || error.code === 'hub-failed');
}
