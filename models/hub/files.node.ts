import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat, statfs } from 'node:fs/promises';
import { isDiskFull, modelError } from '../errors.ts';
import type { Checksum } from './hub.ts';

/** A file that is being written. */
export interface Sink {
	appendFile(bytes: Uint8Array): Promise<void>;
	sync(): Promise<void>;
	close(): Promise<void>;
}

/** The disk, as far as a download needs it; tests put a full one in its place. */
export interface Disk {
	/** @param flags `a` to go on with a file, `w` to begin it anew */
	open(path: string, flags: 'a' | 'w'): Promise<Sink>;
	/** Bytes that can still be written to the disk of a folder. */
	freeSpace(folder: string): Promise<number>;
}

export const disk: Disk = {
	open,
	async freeSpace(folder) {
		const { bavail, bsize } = await statfs(folder);
		return bavail * bsize;
	}
};

/** The file's length; undefined when there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
	const stats = await stat(path).catch(() => undefined);
	return stats?.isFile() ? stats.size : undefined;
}

/** What tells a file from another one that was put in its place: its length, and when it was last changed (milliseconds since 1970). */
export async function stampOf(path: string): Promise<{ bytes: number; modified: number }> {
	const { size, mtimeMs } = await stat(path);
	return { bytes: size, modified: mtimeMs };
}

/** A full disk as what a user is told; any other error as it is. */
export function fromDisk(error: unknown): unknown {
	return isDiskFull(error) ? modelError('disk-full', {}, { cause: error }) : error;
}

/**
 * The system's refusal to read a model's files (rights, a broken disk, a file in a folder's place) as what a user is told; any other
 * error as it is.
 */
export function fromReading(error: unknown, name: string): unknown {
	const { syscall, code } = error as NodeJS.ErrnoException;
	if (!syscall || !code) return error;
	return modelError('weights-unreadable', { name, reason: code }, { cause: error });
}

/** Hashes a file's bytes as they pass. */
export class Digest {
	readonly #sha256 = createHash('sha256');
	readonly #blob: Hash | undefined;

	constructor(
		private readonly checksum: Checksum,
		bytes: number
	) {
		// Git names a file by the SHA-1 of this header and its bytes.
		if (checksum.kind === 'git-blob') this.#blob = createHash('sha1').update(`blob ${bytes}\0`);
	}

	update(chunk: Uint8Array): void {
		this.#sha256.update(chunk);
		this.#blob?.update(chunk);
	}

	/** The SHA-256, or undefined when the bytes are not those of the checksum. */
	finish(): string | undefined {
		const sha256 = this.#sha256.digest('hex');
		const found = this.#blob?.digest('hex') ?? sha256;
		return found === this.checksum.hex ? sha256 : undefined;
	}
}

/** Takes a file that is there into a digest. */
export async function readInto(digest: Digest, path: string, signal?: AbortSignal): Promise<void> {
	for await (const chunk of createReadStream(path, { signal, highWaterMark: 2 ** 20 })) digest.update(chunk);
}

/** SHA-256 of a file in hexadecimal. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of createReadStream(path, { signal, highWaterMark: 2 ** 20 })) hash.update(chunk);
	return hash.digest('hex');
}
