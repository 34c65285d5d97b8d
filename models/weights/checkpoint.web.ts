import { CodedError, modelError } from '../errors.ts';
import { damaged, type ByteSource } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openFile, openShards } from './open-checkpoint.ts';

export interface RemoteOptions {
	readonly fetch?: typeof globalThis.fetch;
	readonly signal?: AbortSignal;
}

/** What the first request for a file asks for, so that most headers need no second one. */
const headBytes = 256 << 10;

/**
 * Opens a model's weights behind a URL; they are read with HTTP range requests, as they are needed. For browsers and Node.
 * @param url a `.safetensors`, `.safetensors.index.json` or `.pth` file, or (with a slash at its end) a folder with
 *   `model.safetensors` or `model.safetensors.index.json`
 * @throws CodedError `weights-absent`, `weights-unreachable`, `weights-no-ranges`, `weights-damaged`, `weights-foreign`,
 *   `weights-unsafe`
 */
export async function openRemoteCheckpoint(
	url: string | URL,
	{ fetch = globalThis.fetch, signal }: RemoteOptions = {}
): Promise<Checkpoint> {
	const open = (name: string) => openSource(new URL(name, url), fetch, signal);
	const source = await (new URL(url).pathname.endsWith('/') ? openMain(open) : open(''));
	return source.name.endsWith('.json')
		? await openShards(source, open, signal)
		: await openFile(source, signal);
}

async function openMain(open: (name: string) => Promise<ByteSource>): Promise<ByteSource> {
	try {
		return await open('model.safetensors');
	} catch (error) {
		if (error instanceof CodedError && error.code === 'weights-absent') {
			return await open('model.safetensors.index.json');
		}
		throw error;
	}
}

async function openSource(
	url: URL,
	fetch: typeof globalThis.fetch,
	signal?: AbortSignal
): Promise<ByteSource> {
	const name = decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
	const head = await fetchRange({ url, name, fetch, signal, offset: 0, bytes: headBytes });
	const { size, identity } = head;
	return {
		name,
		size,
		identity,
		async read(offset, bytes, signal) {
			if (bytes === 0) return new Uint8Array(0);
			if (offset + bytes > size) throw damaged(name, `ends after ${size} bytes`);
			if (offset + bytes <= head.content.length) return head.content.slice(offset, offset + bytes);
			const part = await fetchRange({ url, name, fetch, signal, offset, bytes });
			if (part.size !== size || part.identity !== identity) throw damaged(name, 'changed while it was read');
			if (part.content.length !== bytes) throw damaged(name, `${part.content.length} bytes came of ${bytes}`);
			return part.content;
		}
	};
}

interface RangeRequest {
	readonly url: URL;
	readonly name: string;
	readonly fetch: typeof globalThis.fetch;
	readonly signal?: AbortSignal;
	readonly offset: number;
	readonly bytes: number;
}

interface Range {
	readonly content: Uint8Array;
	/** Of the whole file. */
	readonly size: number;
	readonly identity: string;
}

async function fetchRange({ url, name, fetch, signal, offset, bytes }: RangeRequest): Promise<Range> {
	try {
		const headers = { range: `bytes=${offset}-${offset + bytes - 1}` };
		const response = await fetch(url, { headers, signal });
		const size = sizeOf(response, offset);
		if (response.status === 206 && size !== undefined) {
			const content = new Uint8Array(await response.arrayBuffer());
			const identity = response.headers.get('etag') ?? response.headers.get('last-modified') ?? '';
			return { content, size, identity };
		}
		await response.body?.cancel();
		throw refusal(name, response);
	} catch (error) {
		if (error instanceof CodedError || signal?.aborted) throw error;
		throw modelError('weights-unreachable', { file: name, status: 0 }, { cause: error });
	}
}

/** The whole file's size, if the answer begins where it should. */
function sizeOf(response: Response, offset: number): number | undefined {
	const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
	return range && Number(range[1]) === offset ? Number(range[2]) : undefined;
}

function refusal(file: string, { ok, status, headers }: Response): CodedError {
	if (ok) return modelError('weights-no-ranges', { file });
	if (status === 404) return modelError('weights-absent', { file });
	// No byte 0: the file is empty.
	if (status === 416 && headers.get('content-range') === 'bytes */0') return damaged(file, 'only 0 bytes');
	return modelError('weights-unreachable', { file, status });
}
