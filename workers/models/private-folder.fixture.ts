import { vi } from 'vitest';

/** A folder of the browser's own, in memory, as far as `KeptModels` uses one, and locks: for any number of tabs. */
export class PrivateFolder {
	readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
	/** Bytes that may be written in all. */
	room = Infinity;

	/** Files that are open for writing, which nobody else can open or remove. */
	readonly #written = new Set<string>();

	/** Puts it in the place of the browser's. @returns how to undo that */
	install(): () => void {
		vi.stubGlobal('navigator', { storage: { getDirectory: async () => this }, locks: new Locks() });
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
		this.#requireFree(name);
		if (!this.files.delete(name)) throw new DOMException('', 'NotFoundError');
	}

	async *keys() {
		yield* [...this.files.keys()];
	}

	#requireFree(name: string) {
		if (this.#written.has(name)) throw new DOMException('', 'NoModificationAllowedError');
	}

	#open(name: string) {
		this.#requireFree(name);
		this.#written.add(name);
		return {
			...{ flush() {}, getSize: () => this.files.get(name)!.length },
			close: () => void this.#written.delete(name),
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

/** Exclusive locks, first come first. */
class Locks {
	readonly #tails = new Map<string, Promise<unknown>>();
	readonly #held = new Set<string>();

	async request<T>(name: string, ...rest: [LockOptions, () => Promise<T>] | [() => Promise<T>]): Promise<T> {
		const [{ signal }, work] = rest.length === 2 ? rest : [{} as LockOptions, ...rest];
		const before = this.#tails.get(name);
		const aborted = new Promise<never>((_, reject) => {
			signal?.addEventListener('abort', () => reject(signal.reason as Error));
		});
		aborted.catch(() => {});
		const mine = (async () => {
			signal?.throwIfAborted();
			await Promise.race([before, aborted]);
			this.#held.add(name);
			return work().finally(() => this.#held.delete(name));
		})();
		// Whoever gives up waiting does not let others in before those who hold it are done.
		const tail = Promise.all([before, mine.catch(() => {})]);
		this.#tails.set(name, tail);
		return mine;
	}

	async query() {
		return { held: [...this.#held].map((name) => ({ name })) };
	}
}
