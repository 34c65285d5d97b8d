import { makeZip } from 'client-zip';
import type { Hash } from '$lib/state/upload.svelte.ts';
import type { Work } from './work.ts';

/** Gathers files and makes one archive of them. */
export class Packer {
	readonly #files: { readonly name: string; readonly input: Blob }[] = [];

	constructor(
		private readonly work: Work,
		private readonly hash: Hash
	) {}

	/** @returns the path, as the manifest names it */
	add<Path extends string>(path: Path, file: Blob): Path {
		this.#files.push({ name: path, input: file });
		return path;
	}

	/** @returns what the manifest says of the file */
	async addHashed<Path extends string>(
		path: Path,
		file: Blob
	): Promise<{ path: Path; bytes: number; sha256: string }> {
		const sha256 = await this.work.hashed(file, this.hash);
		return { path: this.add(path, file), bytes: file.size, sha256 };
	}

	/** A zip with `first` before all others, stored as they are: masks and media do not shrink any more. */
	async pack(first: string, text: string): Promise<Blob> {
		const files = [{ name: first, input: text }, ...this.#files];
		const lastModified = new Date();
		const counted = makeZip(files.map((file) => ({ ...file, lastModified }))).pipeThrough(this.#counter());
		try {
			return await new Response(counted).blob();
		} catch (error) {
			// Chromium says only that reading failed.
			this.work.signal.throwIfAborted();
			throw error;
		}
	}

	#counter(): TransformStream<Uint8Array, Uint8Array> {
		return new TransformStream({
			transform: (piece, controller) => {
				this.work.advance(piece.length);
				controller.enqueue(piece);
			}
		});
	}
}
