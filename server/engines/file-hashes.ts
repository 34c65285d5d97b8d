import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { sha256OfFile, stampOf } from '../../models/hub/files.node.ts';
import { limited } from '../limit.ts';
import { sha256 } from '../protocol/basics.ts';
import { readJson, writeJson } from '../store/json.ts';

const record = z.record(z.string(), z.object({ bytes: z.number(), modified: z.number(), sha256 }));
type Kept = z.infer<typeof record>;
type Stamp = Awaited<ReturnType<typeof stampOf>>;

interface Reading extends Stamp {
	readonly hash: Promise<string>;
	failed: boolean;
}

/** The SHA-256 of large files. Each is read once: its hash is kept on the disk, with the stamp that tells it from another in its place. */
export class FileHashes {
	#kept: Promise<Kept> | undefined;
	readonly #readings = new Map<string, Reading>();
	readonly #keep = limited(1, async (path: string, known: Kept[string]) => {
		const kept = (await this.#kept)!;
		// What the disk does not take is read again by the next run of the server.
		await this.#write({ ...kept, [path]: known }).catch(() => {});
		kept[path] = known;
		this.#readings.delete(path);
		return known.sha256;
	});

	/** @param store the JSON file in which they are kept */
	constructor(private readonly store: string) {}

	/** A file's SHA-256, as soon as it is known. @throws what reading it throws */
	async of(path: string): Promise<string> {
		const stamp = await stampOf(path);
		return (await this.#known(path, stamp)) ?? this.#read(path, stamp).hash;
	}

	/**
	 * A file's SHA-256, where that is known; else the file is being read from now on.
	 * @throws what reading it threw
	 */
	async glance(path: string): Promise<string | undefined> {
		const stamp = await stampOf(path);
		const known = await this.#known(path, stamp);
		if (known !== undefined) return known;
		const reading = this.#read(path, stamp);
		return reading.failed ? reading.hash : undefined;
	}

	async #known(path: string, stamp: Stamp): Promise<string | undefined> {
		// One that cannot be read is written anew.
		this.#kept ??= readJson(this.store, record).then(
			(kept) => kept ?? {},
			() => ({})
		);
		const known = (await this.#kept)[path];
		return known && isSame(known, stamp) ? known.sha256 : undefined;
	}

	/** The reading of a file: the one that goes on, one that failed just now and is told once, or a new one. */
	#read(path: string, stamp: Stamp): Reading {
		const before = this.#readings.get(path);
		if (before?.failed) this.#readings.delete(path);
		if (before && isSame(before, stamp)) return before;
		const hash = sha256OfFile(path).then((sha256) => this.#keep(path, { ...stamp, sha256 }));
		const reading: Reading = { ...stamp, hash, failed: false };
		this.#readings.set(path, reading);
		hash.catch(() => (reading.failed = true));
		return reading;
	}

	async #write(kept: Kept): Promise<void> {
		await mkdir(dirname(this.store), { recursive: true });
		await writeJson(this.store, kept);
	}
}

function isSame(a: Stamp, b: Stamp): boolean {
	return a.bytes === b.bytes && a.modified === b.modified;
}
