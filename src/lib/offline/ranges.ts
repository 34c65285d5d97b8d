import { parseRange } from '$protocol/range.ts';

/** Answers a request from a whole kept file: all of it or, by Range, a part, as the server would: 200, 206 or 416. */
export async function replyFrom(whole: Response, { headers: asked }: Request): Promise<Response> {
	const condition = asked.get('If-Range');
	const outdated = condition !== null && condition !== whole.headers.get('ETag');
	if (!asked.has('Range') || outdated) return whole;
	const blob = await whole.blob();
	const headers = new Headers(whole.headers);
	const range = parseRange(asked.get('Range'), blob.size);
	if (range === undefined) return new Response(blob, { headers });
	if (range === 'unsatisfiable') {
		headers.set('Content-Range', `bytes */${blob.size}`);
		headers.delete('Content-Length');
		return new Response(null, { status: 416, headers });
	}
	const { start, end } = range;
	headers.set('Content-Range', `bytes ${start}-${end - 1}/${blob.size}`);
	headers.set('Content-Length', String(end - start));
	return new Response(blob.slice(start, end), { status: 206, headers });
}
