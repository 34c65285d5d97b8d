/** Stands for `FileSystemFileHandle`, whose `createWritable` tells that a page can write; stub the global with it. */
export class FakeFileHandle {
	constructor(
		private readonly storage: FakePrivateStorage,
		private readonly path: string
	) {}

	async getFile(): Promise<File> {
		const blob = this.storage.files.get(this.path);
		if (!blob) throw notFound();
		return new File([blob], this.path.split('/').at(-1)!);
	}

	/** As in Chromium, what is written lies beside the file, which stays as it was until the stream is closed. */
	async createWritable(): Promise<WritableStream<Uint8Array<ArrayBuffer>>> {
		const { storage, path } = this;
		const { files } = storage;
		const swap = `${path}.crswap`;
		files.set(swap, new Blob());
		return new WritableStream({
			write(part) {
				if (storage.usage + part.byteLength > storage.quota) {
					files.delete(swap);
					throw new DOMException('', 'QuotaExceededError');
				}
				files.set(swap, new Blob([files.get(swap)!, part]));
			},
			close() {
				files.set(path, files.get(swap)!);
				files.delete(swap);
			},
			abort: () => void files.delete(swap)
		});
	}
}

/** The origin's private file system in memory, with one level of folders and a quota in bytes. */
export class FakePrivateStorage {
	readonly files = new Map<string, Blob>();
	quota = Infinity;
	readonly #folders = new Set<string>();

	get usage(): number {
		return [...this.files.values()].reduce((sum, { size }) => sum + size, 0);
	}

	/** Puts a file there as if the page had written it before. */
	set(path: string, text: string): void {
		this.#folders.add(path.split('/')[0]!);
		this.files.set(path, new Blob([text]));
	}

	async getDirectory(): Promise<FileSystemDirectoryHandle> {
		const root = {
			getDirectoryHandle: async (folder: string, { create = false } = {}) => {
				if (create) this.#folders.add(folder);
				if (!this.#folders.has(folder)) throw notFound();
				return this.#folder(folder);
			}
		};
		return root as unknown as FileSystemDirectoryHandle;
	}

	#folder(folder: string) {
		const { files } = this;
		return {
			getFileHandle: async (name: string, { create = false } = {}) => {
				const path = `${folder}/${name}`;
				if (create && !files.has(path)) files.set(path, new Blob());
				if (!files.has(path)) throw notFound();
				return new FakeFileHandle(this, path);
			},
			removeEntry: async (name: string) => {
				if (!files.delete(`${folder}/${name}`)) throw notFound();
			},
			async *keys() {
				for (const path of [...files.keys()]) {
					if (path.startsWith(`${folder}/`)) yield path.slice(folder.length + 1);
				}
			}
		};
	}
}

const notFound = () => new DOMException('', 'NotFoundError');
