import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';
import type { ModelInfo } from '../registry.ts';
import { download, partOf, persistence, type Persistence } from './download.node.ts';
import { Digest, disk, fromDisk, readInto, sizeOf, type Disk } from './files.node.ts';
import type { Hub, HubFile } from './hub.ts';
import { withLock } from './lock.node.ts';
import { readManifest, writeManifest } from './manifest.node.ts';
import { isComplete, type Manifest } from './manifest.ts';

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
	/** Branch, tag or commit; when left out, that of a download which is gone on with, else `main`. */
	readonly revision?: string;
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: PullProgress) => void;
	readonly disk?: Disk;
	readonly persistence?: Persistence;
}

/** Left for everything else on the machine, in bytes. */
const RESERVE = 64 * 2 ** 20;

/**
 * Downloads a model's files into a folder, or what is missing of them, and records in the manifest where they come from. A download
 * that was cut, also by the end of the program, goes on from there: with the same commit, so that no file is put together from two.
 * @throws CodedError `model-licence`, `model-busy`, `disk-space`, `disk-full`, `download-wrong`, `hub-…`; AbortError
 */
export async function pullModel(model: ModelInfo, folder: string, options: PullOptions): Promise<Manifest> {
	const before = await readManifest(folder);
	const licence = acceptedLicence(model, before, options.acceptLicence ?? false);
	await mkdir(folder, { recursive: true });
	const busy = () => modelError('model-busy', { name: model.name });
	return withLock(join(folder, 'pull.lock'), busy, async () => {
		try {
			const { commit, revision } = await whichCommit(model, before, options);
			const { hub, signal } = options;
			const files = await hub.files(model.repository, commit, model.files, signal);
			if (before && before.commit !== commit) await clear(folder, before);
			const source = hub.page(model.repository);
			const fresh: Manifest = {
				...{ model: model.id, source, revision, commit, licence, standIn: false },
				files: files.map(({ path, bytes }) => ({ path, bytes }))
			};
			return await new Pull(model, folder, commit, files, options).run(fresh);
		} catch (error) {
			throw fromDisk(error);
		}
	});
}

/**
 * The licence as it was accepted, now or before.
 * @throws CodedError `model-licence`
 */
export function acceptedLicence(
	{ name, licence }: ModelInfo,
	before: Manifest | undefined,
	accepts: boolean
): Manifest['licence'] {
	if (before?.licence?.url === licence.url) return before.licence;
	if (!accepts) throw modelError('model-licence', { name, licence: licence.name, url: licence.url });
	return { name: licence.name, url: licence.url, accepted: new Date().toISOString() };
}

async function whichCommit(
	{ repository }: ModelInfo,
	before: Manifest | undefined,
	{ hub, revision: asked, signal }: PullOptions
): Promise<{ commit: string; revision: string }> {
	const begun = before?.commit !== undefined && !isComplete(before) ? before : undefined;
	const revision = asked ?? begun?.revision ?? 'main';
	const commit =
		begun?.revision === revision ? begun.commit! : await hub.commit(repository, revision, signal);
	return { commit, revision };
}

/** Removes what is of no use for another commit: parts, and weights from a formula, which must not pass for trained ones. */
async function clear(folder: string, { files, standIn }: Manifest): Promise<void> {
	for (const { path } of files) {
		await rm(partOf(join(folder, path)), { force: true });
		if (standIn) await rm(join(folder, path), { force: true });
	}
}

class Pull {
	readonly #disk: Disk;
	readonly #total: number;
	/** Bytes of files that are here whole. */
	#whole = 0;

	constructor(
		private readonly model: ModelInfo,
		private readonly folder: string,
		private readonly commit: string,
		private readonly files: readonly HubFile[],
		private readonly options: PullOptions
	) {
		this.#disk = options.disk ?? disk;
		this.#total = files.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	async run(fresh: Manifest): Promise<Manifest> {
		await this.#checkSpace();
		let manifest = fresh;
		await writeManifest(this.folder, manifest);
		for (const file of this.files) {
			const sha256 = (await this.#present(file)) ?? (await this.#fetch(file));
			const files = manifest.files.map((each) => (each.path === file.path ? { ...each, sha256 } : each));
			manifest = { ...manifest, files };
			await writeManifest(this.folder, manifest);
			this.#whole += file.bytes;
		}
		return manifest;
	}

	async #checkSpace(): Promise<void> {
		const sizes = await Promise.all(
			this.files.map(async ({ path, bytes }) => {
				const target = join(this.folder, path);
				if ((await sizeOf(target)) === bytes) return 0;
				return bytes - ((await sizeOf(partOf(target))) ?? 0);
			})
		);
		const needed = sizes.reduce((sum, bytes) => sum + Math.max(0, bytes), 0);
		const free = await this.#disk.freeSpace(this.folder);
		if (needed > 0 && needed + RESERVE > free) throw modelError('disk-space', { needed, free });
	}

	/** The SHA-256 of a file that is already here and right. */
	async #present({ path, bytes, checksum }: HubFile): Promise<string | undefined> {
		const target = join(this.folder, path);
		if ((await sizeOf(target)) !== bytes) return undefined;
		const digest = new Digest(checksum, bytes);
		await readInto(digest, target, this.options.signal);
		return digest.finish();
	}

	#fetch(file: HubFile): Promise<string> {
		const { hub, signal = new AbortController().signal, onProgress } = this.options;
		return download(file, join(this.folder, file.path), {
			...{ disk: this.#disk, persistence: this.options.persistence ?? persistence, signal },
			host: hub.host,
			request: (offset, ends) => hub.open(this.model.repository, this.commit, file.path, offset, ends),
			onBytes: (bytes) => onProgress?.({ done: this.#whole + bytes, total: this.#total, file: file.path })
		});
	}
}
