import { vi } from 'vitest';

/** A folder of the browser's own, in memory, as far as `KeptModels` uses one; and locks that are always free. */
export class PrivateFolder {
	readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
	/** Bytes that may be written in all. */
	room = Infinity;

	/** Puts it in the place of the browser's. @returns how to undo that */
	install(): () => void {
		const locks = {
			request: async (_name: string, _options: LockOptions, work: () => unknown) => work(),
			query: async () => ({ held: [] })
		};
		vi.stubGlobal('navigator', { storage: { getDirectory: async () => this }, locks });
		return () => vi.unstubAllGlobals();
	}

	async getDirectoryHandle() {
		return this;
	}

	async getFileHandle(name: string, { create = false } = {}) {
		if (!this.files.has(name) && !create) throw new DOMException('', 'NotFoundError');
		if (!this.files.has(name)) this.files.set(name, new Uint8Array(0));
		return {
			getFile: async () => new File([this.files.get(name)!], name),
			createSyncAccessHandle: async () => this.#open(name)
		};
	}

	async removeEntry(name: string) {
		if (!this.files.delete(name)) throw new DOMException('', 'NotFoundError');
	}

	async *keys() {
		yield* [...this.files.keys()];
	}

	#open(name: string) {
		return {
			...{ close() {}, flush() {}, getSize: () => this.files.get(name)!.length },
			truncate: (size: number) => void this.files.set(name, this.files.get(name)!.slice(0, size)),
			read: (target: Uint8Array, { at }: { at: number }) => {
				const part = this.files.get(name)!.subarray(at, at + target.length);
				target.set(part);
				return part.length;
			},
			write: (part: Uint8Array, { at }: { at: number }) => {
				const others = [...this.files].reduce(
					(sum, [key, { length }]) => sum + (key === name ? at : length),
					0
				);
				if (others + part.length > this.room) throw new DOMException('', 'QuotaExceededError');
				const content = new Uint8Array(at + part.length);
				content.set(this.files.get(name)!.subarray(0, at));
				content.set(part, at);
				this.files.set(name, content);
				return part.length;
			}
		};
	}
}
