import { createSHA256 } from 'hash-wasm';
import { appError } from '../../server/protocol/errors.ts';
import { routes } from '../../server/protocol/routes.ts';
import type { WebModel } from '../../server/protocol/web-model.ts';

/** What of a file that can be written in place is needed. */
export type Target = Pick<FileSystemSyncAccessHandle, 'getSize' | 'read' | 'write' | 'truncate' | 'flush'>;

export interface FetchHooks {
	/** Told how many bytes are there. */
	readonly onBytes: (bytes: number) => void;
	readonly signal?: AbortSignal;
	readonly ask?: typeof fetch;
	/** Milliseconds without a byte after which the connection counts as cut. */
	readonly patience?: number;
}

/** Bytes that are read back at once. */
const pieceBytes = 4 * 2 ** 20;

/**
 * Fetches a model's weights into a file, from where an earlier try was cut off, and checks them.
 * @throws CodedError `server-away` when the connection is cut, `download-wrong`, `storage-full`; the signal's reason when it is aborted, and
 * what has arrived stays in the file
 */
export async function fetchWeights(
	{ model, sha256, bytes }: WebModel,
	target: Target,
	{ onBytes, signal, ask = fetch, patience = 60_000 }: FetchHooks
): Promise<void> {
	const hash = await createSHA256();
	let at = 0;
	const begin = () => {
		hash.init();
		at = 0;
		target.truncate(0);
	};
	const take = (piece: Uint8Array) => {
		hash.update(piece);
		onBytes((at += piece.byteLength));
	};

	hash.init();
	const piece = new Uint8Array(pieceBytes);
	const there = target.getSize();
	if (there > bytes) begin();
	else
		while (at < there) {
			take(piece.subarray(0, target.read(piece, { at })));
			signal?.throwIfAborted();
		}

	if (at < bytes) {
		const cut = new AbortController();
		/** A connection that is not there, is cut or falls silent is told as such. */
		const answered = async <T>(work: Promise<T>): Promise<T> => {
			const timer = setTimeout(() => cut.abort(), patience);
			try {
				return await work;
			} catch (error) {
				signal?.throwIfAborted();
				throw appError('server-away', {}, { cause: error });
			} finally {
				clearTimeout(timer);
			}
		};
		const headers: HeadersInit = at > 0 ? { Range: `bytes=${at}-`, 'If-Range': `"${sha256}"` } : {};
		const ended = AbortSignal.any([cut.signal, ...(signal ? [signal] : [])]);
		const request = ask(routes.webWeights(model), { headers, cache: 'no-store', signal: ended });
		const answer = await answered(request);
		if (!answer.ok || !answer.body) throw appError('server-away', {}, { cause: answer.status });
		if (answer.status !== 206) begin();
		const reader = answer.body.getReader();
		try {
			for (;;) {
				const { done, value } = await answered(reader.read());
				if (done) break;
				if (at + value.byteLength > bytes) throw appError('download-wrong', { file: model });
				write(target, value, at);
				take(value);
				signal?.throwIfAborted();
			}
		} finally {
			cut.abort();
		}
		if (at < bytes) throw appError('server-away');
	}
	target.flush();
	if (hash.digest('hex') !== sha256) throw appError('download-wrong', { file: model });
}

function write(target: Target, bytes: Uint8Array, at: number): void {
	let written: number;
	try {
		written = target.write(bytes as Uint8Array<ArrayBuffer>, { at });
	} catch (error) {
		const full = error instanceof DOMException && error.name === 'QuotaExceededError';
		throw full ? appError('storage-full', {}, { cause: error }) : error;
	}
	if (written < bytes.byteLength) throw appError('storage-full');
}
