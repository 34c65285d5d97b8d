import { proxy } from 'comlink';
import { connect, type Connection } from '../rpc.ts';
import type { HashApi } from './hash.worker.ts';
import type { ClipMeta, MediaApi } from './types.ts';

function startWorker(): Worker {
	return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'media' });
}

/** A clip that is opened in a worker of its own. The worker lives until `close`. */
export class MediaClient {
	readonly #connection: Connection<MediaApi>;

	constructor(start: () => Worker = startWorker) {
		this.#connection = connect<MediaApi>(start());
	}

	/** See `MediaApi.open`. */
	open(file: Blob, name: string, onConvert: (fraction: number) => void): Promise<ClipMeta> {
		return this.#connection.settle(this.#connection.api.open(file, name, proxy(onConvert)));
	}

	/** See `MediaApi.frame`. */
	frame(index: number): Promise<ImageBitmap> {
		return this.#connection.settle(this.#connection.api.frame(index));
	}

	/** See `MediaApi.thumbnails`. */
	thumbnails(
		count: number,
		height: number,
		onThumbnail: (index: number, picture: ImageBitmap) => void
	): Promise<void> {
		return this.#connection.settle(this.#connection.api.thumbnails(count, height, proxy(onThumbnail)));
	}

	/** Ends the worker; what was asked for rejects with an AbortError. */
	close(): void {
		this.#connection.end();
	}
}

/**
 * SHA-256 of a file in lower-case hexadecimal, read piece by piece in a worker.
 * @throws the signal's reason when aborted
 */
export async function sha256(
	file: Blob,
	onProgress: (bytes: number, total: number) => void = () => {},
	signal?: AbortSignal
): Promise<string> {
	signal?.throwIfAborted();
	const worker = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module', name: 'hash' });
	const { api, settle, end } = connect<HashApi>(worker);
	signal?.addEventListener('abort', end, { once: true });
	try {
		return await settle(
			api.sha256(
				file,
				proxy((bytes) => onProgress(bytes, file.size))
			)
		);
	} catch (error) {
		signal?.throwIfAborted();
		throw error;
	} finally {
		signal?.removeEventListener('abort', end);
		end();
	}
}
