import { createSHA256 } from 'hash-wasm';
import { appError } from '../../server/protocol/errors.ts';
import { routes } from '../../server/protocol/routes.ts';
import type { WebModel } from '../../server/protocol/web-model.ts';

/** What of a file that can be written in place is needed. */
export type Target = Pick<FileSystemSyncAccessHandle, 'getSize' | 'read' | 'write' | 'truncate' | 'flush'>;

/** Bytes that are read back at once. */
const pieceBytes = 4 * 2 ** 20;

/**
 * Fetches a model's weights into a file, from where an earlier try was cut off, and checks them.
 * @param onBytes told how many bytes are there
 * @throws CodedError `server-away` when the connection is cut, `download-wrong`, `storage-full`
 */
export async function fetchWeights(
	{ model, sha256, bytes }: WebModel,
	target: Target,
	onBytes: (bytes: number) => void,
	ask: typeof fetch = fetch
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
	else while (at < there) take(piece.subarray(0, target.read(piece, { at })));

	if (at < bytes) {
		const headers: HeadersInit = at > 0 ? { Range: `bytes=${at}-`, 'If-Range': `"${sha256}"` } : {};
		const answer = await away(() => ask(routes.webWeights(model), { headers, cache: 'no-store' }));
		if (!answer.ok || !answer.body) throw appError('server-away', {}, { cause: answer.status });
		if (answer.status !== 206) begin();
		const reader = answer.body.getReader();
		for (;;) {
			const { done, value } = await away(() => reader.read());
			if (done) break;
			if (at + value.byteLength > bytes) throw appError('download-wrong', { file: model });
			write(target, value, at);
			take(value);
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

/** A connection that is not there, or is cut, is told as such. */
async function away<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw appError('server-away', {}, { cause: error });
	}
}
