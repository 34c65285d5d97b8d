import { damaged, type ByteSource } from './byte-source.ts';

/** A file in memory, which remembers the longest read. */
export class MemorySource implements ByteSource {
	readonly identity = '';
	longestRead = 0;

	constructor(
		readonly name: string,
		readonly content: Uint8Array
	) {}

	get size(): number {
		return this.content.length;
	}

	async read(offset: number, bytes: number, signal?: AbortSignal): Promise<Uint8Array> {
		signal?.throwIfAborted();
		if (offset + bytes > this.size) throw damaged(this.name, 'ends too early');
		this.longestRead = Math.max(this.longestRead, bytes);
		return this.content.slice(offset, offset + bytes);
	}
}
