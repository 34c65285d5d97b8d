import { Router, errorReply, type Context } from '../http/router.ts';
import type { HttpRequest, Reply } from '../http/transport.ts';
import { appError } from '../protocol/errors.ts';
import { routes } from '../protocol/routes.ts';
import { sha256, type Limits } from '../protocol/schema.ts';
import { intake, type IntakeParts } from './intake.ts';
import type { Upload } from './store.ts';

/** Left on the disk when an upload begins. */
const RESERVE = 64 * 2 ** 20;
const VERSION = '1.0.0';

export interface TusParts extends IntakeParts {
	readonly limits: Limits;
	/** Bytes free where the uploads lie. */
	readonly freeSpace: () => Promise<number>;
}

/**
 * Uploads by the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload) with its extensions creation and termination.
 * A request carries at most `chunkBytes`, since uWebSockets.js cannot hold a sender back. The answer that completes a file comes after
 * the file was looked at, and names the clip in `Upload-Clip`.
 */
export class TusEndpoint {
	constructor(
		private readonly router: Router,
		private readonly parts: TusParts
	) {
		const file = `${routes.uploads}/:id`;
		router.on('OPTIONS', routes.uploads, () => this.#discover());
		router.on('POST', routes.uploads, (context) => this.#create(context));
		router.on('HEAD', file, (context) => this.#head(context));
		router.on('PATCH', file, (context) => this.#patch(context), parts.limits.chunkBytes);
		router.on('DELETE', file, (context) => this.#remove(context));
	}

	/** Answers a request; undefined when it is not about uploads. */
	handle(request: HttpRequest): Promise<Reply> | undefined {
		if (request.path !== routes.uploads && !request.path.startsWith(`${routes.uploads}/`)) return undefined;
		const method = request.headers.get('x-http-method-override')?.toUpperCase() ?? request.method;
		if (method !== 'OPTIONS' && request.headers.get('tus-resumable') !== VERSION) {
			const refusal = errorReply({ code: 'request-invalid', params: { problem: `tus is not ${VERSION}` } });
			return Promise.resolve({ ...withTus(refusal, { 'Tus-Version': VERSION }), status: 412 });
		}
		return this.router.handle(request, method)?.then((reply) => withTus(reply));
	}

	#discover(): Reply {
		return {
			status: 204,
			headers: {
				'Tus-Version': VERSION,
				'Tus-Extension': 'creation,termination',
				'Tus-Max-Size': String(this.parts.limits.bytes)
			}
		};
	}

	async #create({ request }: Context): Promise<Reply> {
		const { uploads, clips, limits, freeSpace } = this.parts;
		const length = integerHeader(request, 'upload-length');
		const metadata = request.headers.get('upload-metadata') ?? '';
		const given = parseMetadata(metadata);
		const filename = given.get('filename') || given.get('name') || 'clip';
		if (length === 0) throw appError('clip-not-video', { name: filename });
		if (length > limits.bytes) throw appError('clip-too-large', { bytes: length, limit: limits.bytes });
		const hash = sha256.optional().safeParse(given.get('sha256'));
		if (!hash.success) throw appError('request-invalid', { problem: 'sha256 is no SHA-256' });
		const known = hash.data === undefined ? undefined : clips.get(hash.data);
		if (known && known.bytes !== length) throw appError('upload-hash');
		if (known) await clips.touch(known.hash);
		else if ((await freeSpace()) < uploads.missing + length + RESERVE) throw appError('disk-full');
		const facts = { length, metadata, filename, sha256: hash.data, clip: known?.hash };
		const upload = await uploads.create(facts);
		const headers = { Location: `${routes.uploads}/${upload.facts.id}`, ...progressHeaders(upload) };
		return { status: 201, headers };
	}

	async #head({ params }: Context): Promise<Reply> {
		const upload = this.parts.uploads.get(params.id!);
		await upload.exclusively(() => this.#finishIfComplete(upload));
		const { length, metadata } = upload.facts;
		const headers = {
			...progressHeaders(upload),
			'Upload-Length': String(length),
			'Cache-Control': 'no-store'
		};
		return { status: 200, headers: metadata ? { ...headers, 'Upload-Metadata': metadata } : headers };
	}

	async #patch({ request, params, body }: Context): Promise<Reply> {
		const { uploads, limits } = this.parts;
		const upload = uploads.get(params.id!);
		if (request.headers.get('content-type') !== 'application/offset+octet-stream') {
			const problem = 'the content type must be application/offset+octet-stream';
			return { ...errorReply({ code: 'request-invalid', params: { problem } }), status: 415 };
		}
		const offset = integerHeader(request, 'upload-offset');
		checkOffset(upload, offset);
		const { bytes, end } = await body;
		if (end === 'too-large') throw appError('upload-too-large', { limit: limits.chunkBytes });
		return upload.exclusively(async () => {
			// While the body came in, another request may have moved the upload on or ended it.
			uploads.get(params.id!);
			checkOffset(upload, offset);
			if (offset + bytes.length > upload.facts.length) {
				throw appError('request-invalid', { problem: 'there are more bytes than Upload-Length says' });
			}
			// Of a request that was cut off, what did arrive counts.
			if (bytes.length > 0) await upload.append(bytes);
			await this.#finishIfComplete(upload);
			return { status: 204, headers: progressHeaders(upload) };
		});
	}

	async #remove({ params }: Context): Promise<Reply> {
		const upload = this.parts.uploads.get(params.id!);
		await upload.exclusively(() => this.parts.uploads.remove(upload));
		return { status: 204 };
	}

	async #finishIfComplete(upload: Upload): Promise<void> {
		if (upload.offset === upload.facts.length) await intake(upload, this.parts);
	}
}

function withTus(reply: Reply, more: Record<string, string> = {}): Reply {
	return { ...reply, headers: { ...reply.headers, ...more, 'Tus-Resumable': VERSION } };
}

function progressHeaders({ offset, facts: { clip } }: Upload): Record<string, string> {
	return { 'Upload-Offset': String(offset), ...(clip === undefined ? {} : { 'Upload-Clip': clip }) };
}

function checkOffset({ offset }: Upload, found: number): void {
	if (found !== offset) throw appError('upload-offset', { expected: offset, found });
}

function integerHeader({ headers }: HttpRequest, name: string): number {
	const text = headers.get(name) ?? '';
	const value = Number(text);
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
		throw appError('request-invalid', { problem: `${name} must be a whole number` });
	}
	return value;
}

/** Pairs of a name and a value in Base64, separated by commas. */
function parseMetadata(header: string): Map<string, string> {
	const pairs = header.split(',').map((pair) => pair.trim().split(' '));
	return new Map(pairs.map(([name, value = '']) => [name!, Buffer.from(value, 'base64').toString('utf8')]));
}
