import { stat } from 'node:fs/promises';
import type { ErrorCode } from '../protocol/errors.ts';
import { appError } from '../protocol/errors.ts';
import { parseRange } from '../protocol/range.ts';
import type { HttpRequest, Reply } from './transport.ts';

/** A file to answer with. */
export interface ServedFile {
	readonly path: string;
	readonly mime: string;
	/** Names these bytes: the same tag always means the same bytes. */
	readonly tag: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Answers a GET or HEAD with a file or, by Range, a part of it: 200, 206, 304 or 416. Of several ranges in one request the whole file is
 * sent, as the standard allows.
 * @throws CodedError `missing`, when the file is not there
 */
export async function fileReply(
	{ headers }: HttpRequest,
	{ path, mime, tag, headers: own }: ServedFile,
	missing: ErrorCode
): Promise<Reply> {
	const stats = await stat(path).catch(() => undefined);
	if (!stats?.isFile()) throw appError(missing);
	const { size } = stats;
	const etag = `"${tag}"`;
	const common = {
		'Cache-Control': 'no-cache',
		ETag: etag,
		'Accept-Ranges': 'bytes',
		'X-Content-Type-Options': 'nosniff',
		'Cross-Origin-Resource-Policy': 'same-origin',
		...own
	};
	if (matches(headers.get('if-none-match'), etag)) return { status: 304, headers: common };
	const asked = headers.get('if-range') ?? etag;
	const range = asked === etag ? parseRange(headers.get('range'), size) : undefined;
	if (range === 'unsatisfiable') {
		return { status: 416, headers: { ...common, 'Content-Range': `bytes */${size}` } };
	}
	const { start, end } = range ?? { start: 0, end: size };
	const part: Record<string, string> = range ? { 'Content-Range': `bytes ${start}-${end - 1}/${size}` } : {};
	return {
		status: range ? 206 : 200,
		headers: { ...common, ...part, 'Content-Type': mime },
		body: { path, start, end }
	};
}

function matches(list: string | undefined, etag: string): boolean {
	if (list === undefined) return false;
	return list.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** The header by which a browser saves a file under a name, which may hold any letters (RFC 6266). */
export function attachment(name: string): string {
	const plain = name.replace(/[^\w.-]/g, '_');
	const coded = encodeURIComponent(name).replace(
		/['()*]/g,
		(letter) => `%${letter.charCodeAt(0).toString(16)}`
	);
	return `attachment; filename="${plain}"; filename*=UTF-8''${coded}`;
}
