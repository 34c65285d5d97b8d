import { webModel, type WebModel } from '../../server/protocol/web-model.ts';

/** What is used of `navigator.storage`. */
export type PrivateStorage = Pick<StorageManager, 'getDirectory'>;

const folder = 'models';

/**
 * Models that this browser keeps: for each a file that tells of it, written once its weights are whole and found right, and beside it
 * the weights, named by their SHA-256.
 */
export class KeptModels {
	private constructor(private readonly directory: FileSystemDirectoryHandle) {}

	/** Undefined where the browser keeps no files for the page, as in insecure contexts and some private windows. */
	static async open(
		storage: PrivateStorage | undefined = globalThis.navigator?.storage
	): Promise<KeptModels | undefined> {
		try {
			const root = await storage?.getDirectory();
			return root && new KeptModels(await root.getDirectoryHandle(folder, { create: true }));
		} catch (error) {
			if (error instanceof DOMException) return undefined;
			throw error;
		}
	}

	/** A model whose weights are here whole; undefined when there is none. */
	async find(id: string): Promise<{ readonly about: WebModel; readonly weights: File } | undefined> {
		const about = await this.#about(aboutFile(id));
		const weights = about && (await this.#file(about.sha256));
		return about && weights?.size === about.bytes ? { about, weights } : undefined;
	}

	/** Opens a model's weights to write them, or to go on with it. Nobody else can until this is closed. Workers only. */
	async write({ sha256 }: WebModel): Promise<FileSystemSyncAccessHandle> {
		const handle = await this.directory.getFileHandle(sha256, { create: true });
		return handle.createSyncAccessHandle();
	}

	/** Keeps a model whose weights are written and found right, in the place of what was kept of it before. Workers only. */
	async settle(about: WebModel): Promise<File> {
		const handle = await this.directory.getFileHandle(aboutFile(about.model), { create: true });
		const file = await handle.createSyncAccessHandle();
		try {
			file.truncate(0);
			file.write(new TextEncoder().encode(JSON.stringify(about)), { at: 0 });
		} finally {
			file.close();
		}
		await this.#removeOutdated();
		return (await this.#file(about.sha256))!;
	}

	/** Removes weights that are of no use. */
	async discard({ sha256 }: WebModel): Promise<void> {
		await this.#remove(sha256);
	}

	/** Removes all that is kept of a model. */
	async remove(id: string): Promise<void> {
		await this.#remove(aboutFile(id));
		await this.#removeOutdated();
	}

	/** Removes weights that no kept model names, but for those that are being written. */
	async #removeOutdated(): Promise<void> {
		const names: string[] = [];
		for await (const name of this.directory.keys()) names.push(name);
		const kept = await Promise.all(
			names.filter((name) => name.endsWith('.json')).map((name) => this.#about(name))
		);
		const needed = new Set(kept.map((about) => about?.sha256));
		for (const name of names) if (!name.endsWith('.json') && !needed.has(name)) await this.#remove(name);
	}

	async #about(name: string): Promise<WebModel | undefined> {
		const text = await (await this.#file(name))?.text();
		try {
			return text === undefined ? undefined : webModel.parse(JSON.parse(text));
		} catch {
			// Cut off while it was written, or by another version: as if it were not there.
			return undefined;
		}
	}

	async #file(name: string): Promise<File | undefined> {
		try {
			return await (await this.directory.getFileHandle(name)).getFile();
		} catch (error) {
			if (isNamed(error, 'NotFoundError')) return undefined;
			throw error;
		}
	}

	async #remove(name: string): Promise<void> {
		try {
			await this.directory.removeEntry(name);
		} catch (error) {
			if (!isNamed(error, 'NotFoundError', 'NoModificationAllowedError')) throw error;
		}
	}
}

function aboutFile(id: string): string {
	return `${id}.json`;
}

function isNamed(error: unknown, ...names: readonly string[]): boolean {
	return error instanceof DOMException && names.includes(error.name);
}
