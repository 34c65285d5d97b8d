import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';
import type { ModelInfo, ModelSource } from '../registry.ts';
import { download, partOf, persistence, type Persistence } from './download.node.ts';
import { Digest, disk, fromDisk, readInto, sizeOf, stampOf, type Disk } from './files.node.ts';
import type { Hub, HubFile } from './hub.ts';
import { lockModel } from './lock.node.ts';
import { readManifest, readPull, removePull, writeManifest, writePull } from './manifest.node.ts';
import type { Manifest, PullRecord } from './manifest.ts';

/** How far a download is, in bytes of all files together. */
export interface PullProgress {
	readonly done: number;
	readonly total: number;
	/** The file that is on its way. */
	readonly file: string;
}

export interface PullOptions {
	readonly hub: Hub;
	/** Whether the user has read the model's licence and accepts it; not asked again once it was. */
	readonly acceptLicence?: boolean;
	/** Branch, tag or commit of its own repository; when left out, that of a download which is gone on with, else `main`. */
	readonly revision?: string;
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: PullProgress) => void;
	readonly disk?: Disk;
	readonly persistence?: Persistence;
}

/** Left for everything else on the machine, in bytes. */
const RESERVE = 64 * 2 ** 20;

/** A file, and the commit that it is taken from. */
interface WantedFile extends HubFile {
	readonly repository: string;
	readonly commit: string;
}

/**
 * Downloads a model's files into a folder, or what is missing of them, and records in the manifest where they come from. A download
 * that was cut, also by the end of the program, goes on from there: with the same commits, so that no file is put together from two.
 * What was in the folder before stays as it is until everything has arrived.
 * @throws CodedError `model-licence`, `model-busy`, `disk-space`, `disk-full`, `download-wrong`, `hub-…`; AbortError
 */
export async function pullModel(model: ModelInfo, folder: string, options: PullOptions): Promise<Manifest> {
	const begun = await readPull(folder);
	const before = await readManifest(folder);
	const licence = acceptedLicence(model, begun ?? before, options.acceptLicence ?? false);
	await mkdir(folder, { recursive: true });
	return lockModel(model, folder, async () => {
		try {
			const sources: Source[] = [];
			const files: WantedFile[] = [];
			for (const [index, source] of model.sources.entries()) {
				const asked = index === 0 ? options.revision : undefined;
				const found = await findSource(source, begun?.sources?.[index], asked, options);
				if (found.isOther) await removeParts(folder, source.files);
				sources.push(found.source);
				files.push(...found.files);
			}
			// The small ones first: a repository that refuses does so before gigabytes have come.
			files.sort((a, b) => a.bytes - b.bytes);
			return await new Pull(folder, files, options).run({
				...{ model: model.id, sources, licence, standIn: false },
				files: files.map(({ path, bytes }) => ({ path, bytes }))
			});
		} catch (error) {
			throw fromDisk(error);
		}
	});
}

/** Removes what has arrived of files that are not whole. */
export async function removeParts(folder: string, paths: readonly string[]): Promise<void> {
	for (const path of paths) await rm(partOf(join(folder, path)), { force: true });
}

/**
 * The licence as it was accepted, now or before.
 * @throws CodedError `model-licence`
 */
export function acceptedLicence(
	{ name, licence }: ModelInfo,
	before: PullRecord | undefined,
	accepts: boolean
): Manifest['licence'] {
	if (before?.licence?.url === licence.url) return before.licence;
	if (!accepts) throw modelError('model-licence', { name, licence: licence.name, url: licence.url });
	return { name: licence.name, url: licence.url, accepted: new Date().toISOString() };
}

type Source = NonNullable<PullRecord['sources']>[number];

/**
 * Looks up a repository and its files.
 * @param begun what a download that is gone on with took from it
 * @returns also whether that was another commit
 */
async function findSource(
	{ repository, files: paths }: ModelSource,
	begun: Source | undefined,
	asked: string | undefined,
	{ hub, signal }: PullOptions
): Promise<{ source: Source; files: WantedFile[]; isOther: boolean }> {
	const revision = asked ?? begun?.revision ?? 'main';
	const commit = begun?.revision === revision ? begun.commit : await hub.commit(repository, revision, signal);
	const files = await hub.files(repository, commit, paths, signal);
	return {
		source: { page: hub.page(repository), revision, commit },
		files: files.map((file) => ({ ...file, repository, commit })),
		isOther: begun !== undefined && begun.commit !== commit
	};
}

class Pull {
	readonly #disk: Disk;
	readonly #total: number;
	/** Bytes of files that are here whole. */
	#whole = 0;

	constructor(
		private readonly folder: string,
		private readonly files: readonly WantedFile[],
		private readonly options: PullOptions
	) {
		this.#disk = options.disk ?? disk;
		this.#total = files.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	async run(record: PullRecord): Promise<Manifest> {
		await this.#checkSpace();
		await writePull(this.folder, record);
		const arrived = new Map<string, string>();
		const hashes: string[] = [];
		for (const file of this.files) {
			const present = await this.#present(file);
			const sha256 = present ?? (await this.#fetch(file));
			if (!present) arrived.set(partOf(this.#path(file)), this.#path(file));
			hashes.push(sha256);
			this.#whole += file.bytes;
		}
		for (const [part, target] of arrived) await rename(part, target);
		const stamps = await Promise.all(this.files.map((file) => stampOf(this.#path(file))));
		const files = this.files.map(({ path }, index) => ({ path, sha256: hashes[index]!, ...stamps[index]! }));
		const manifest = { ...record, files };
		await writeManifest(this.folder, manifest);
		await removePull(this.folder);
		return manifest;
	}

	#path({ path }: HubFile): string {
		return join(this.folder, path);
	}

	async #checkSpace(): Promise<void> {
		const sizes = await Promise.all(
			this.files.map(async (file) => {
				const target = this.#path(file);
				if ((await sizeOf(target)) === file.bytes) return 0;
				return file.bytes - ((await sizeOf(partOf(target))) ?? 0);
			})
		);
		const needed = sizes.reduce((sum, bytes) => sum + Math.max(0, bytes), 0);
		const free = await this.#disk.freeSpace(this.folder);
		if (needed > 0 && needed + RESERVE > free) throw modelError('disk-space', { needed, free });
	}

	/** The SHA-256 of a file that is already here and right. */
	async #present(file: HubFile): Promise<string | undefined> {
		const target = this.#path(file);
		if ((await sizeOf(target)) !== file.bytes) return undefined;
		const digest = new Digest(file.checksum, file.bytes);
		await readInto(digest, target, this.options.signal);
		return digest.finish();
	}

	#fetch(file: WantedFile): Promise<string> {
		const { hub, signal = new AbortController().signal, onProgress } = this.options;
		return download(file, partOf(this.#path(file)), {
			...{ disk: this.#disk, persistence: this.options.persistence ?? persistence, signal },
			host: hub.host,
			request: (offset, ends) => hub.open(file.repository, file.commit, file.path, offset, ends),
			onBytes: (bytes) => onProgress?.({ done: this.#whole + bytes, total: this.#total, file: file.path })
		});
	}
}
