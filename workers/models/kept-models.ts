import { appError } from '../../server/protocol/errors.ts';
import { webModel, type WebModel, type WebModelId } from '../../server/protocol/web-model.ts';

/** What is used of `navigator.storage`. */
export type PrivateStorage = Pick<StorageManager, 'getDirectory'>;

const folder = 'models';

/** The name of the `BroadcastChannel` that tells every page when something is kept or removed. */
export const keptModelsChannel = 'kept-models';

/**
 * Models that this browser keeps. For each a file that tells of it, written once its weights are whole and found right, and beside it
 * the weights, named by their SHA-256; while weights are on their way, a file that tells of these.
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

	/** @throws CodedError `storage-refused` where `open` finds nothing */
	static async need(): Promise<KeptModels> {
		const models = await KeptModels.open();
		if (!models) throw appError('storage-refused');
		return models;
	}

	/** A model whose weights are here whole; undefined when there is none. */
	async find(id: string): Promise<{ readonly about: WebModel; readonly weights: File } | undefined> {
		const about = await this.#about(aboutFile(id));
		const weights = about && (await this.#file(about.sha256));
		return about && weights?.size === about.bytes ? { about, weights } : undefined;
	}

	/** A model whose weights are on their way, and how many bytes have arrived; undefined when none is. */
	async findPart(id: WebModelId): Promise<{ readonly about: WebModel; readonly here: number } | undefined> {
		const about = await this.#about(partFile(id));
		return about && { about, here: (await this.#file(about.sha256))?.size ?? 0 };
	}

	/** Opens a model's weights to write them, or to go on with it. Nobody else can until this is closed. Workers only. */
	async write(about: WebModel): Promise<FileSystemSyncAccessHandle> {
		const before = await this.#about(partFile(about.model));
		await this.#tell(partFile(about.model), about);
		// What another download left is of no use any more.
		if (before?.sha256 !== about.sha256) await this.#removeOutdated();
		const handle = await this.directory.getFileHandle(about.sha256, { create: true });
		announce();
		return handle.createSyncAccessHandle();
	}

	/** Keeps a model whose weights are written and found right, in the place of what was kept of it before. Workers only. */
	async settle(about: WebModel): Promise<File> {
		await this.#tell(aboutFile(about.model), about);
		await this.#remove(partFile(about.model));
		await this.#removeOutdated();
		announce();
		return (await this.#file(about.sha256))!;
	}

	/** Removes what has arrived of a model. */
	async discard(id: WebModelId): Promise<void> {
		await this.#remove(partFile(id));
		await this.#removeOutdated();
		announce();
	}

	/** Removes all that is kept of a model. */
	async remove(id: WebModelId): Promise<void> {
		await this.#remove(aboutFile(id));
		await this.discard(id);
	}

	/** Removes weights that nothing tells of, but for those that are being written. */
	async #removeOutdated(): Promise<void> {
		const names: string[] = [];
		for await (const name of this.directory.keys()) names.push(name);
		const told = await Promise.all(
			names.filter((name) => name.endsWith('.json')).map((name) => this.#about(name))
		);
		const needed = new Set(told.map((about) => about?.sha256));
		for (const name of names) if (!name.endsWith('.json') && !needed.has(name)) await this.#remove(name);
	}

	async #tell(name: string, about: WebModel): Promise<void> {
		const handle = await this.directory.getFileHandle(name, { create: true });
		const file = await handle.createSyncAccessHandle();
		try {
			file.truncate(0);
			file.write(new TextEncoder().encode(JSON.stringify(about)), { at: 0 });
			file.flush();
		} finally {
			file.close();
		}
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

function announce(): void {
	const channel = new BroadcastChannel(keptModelsChannel);
	channel.postMessage(null);
	channel.close();
}

function aboutFile(id: string): string {
	return `${id}.json`;
}

function partFile(id: WebModelId): string {
	return `${id}.part.json`;
}

function isNamed(error: unknown, ...names: readonly string[]): boolean {
	return error instanceof DOMException && names.includes(error.name);
}
