import { randomBytes } from 'node:crypto';
import { readdir, readFile, utimes } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as tus from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../protocol/routes.ts';
import { sha256Of, TestServer } from '../testing/harness.ts';

const CHUNK = 256 * 1024;
let server: TestServer;
let free = 1e12;

beforeAll(async () => {
	const config = { chunkBytes: CHUNK, maxBytes: 4 * 2 ** 20 };
	server = await TestServer.start(config, { freeSpace: () => Promise.resolve(free) });
});
afterAll(() => server.stop());

const partials = async () =>
	(await readdir(join(server.workspace, 'uploads'))).filter((name) => name.endsWith('.part'));
const offsetOf = async (location: string) =>
	Number((await server.tus('HEAD', location)).headers.get('Upload-Offset'));

/** Uploads with a client that knows nothing of us; resolves with the clip's hash. */
function upload(data: Buffer, options: Partial<tus.UploadOptions> = {}): Promise<string | undefined> {
	return new Promise((resolve, reject) => {
		let clip: string | undefined;
		new tus.Upload(data, {
			endpoint: server.url(routes.uploads),
			chunkSize: CHUNK,
			retryDelays: [0, 0, 0],
			metadata: { filename: '片段.mp4' },
			onAfterResponse: (_request, response) => {
				clip = response.getHeader('Upload-Clip') ?? clip;
			},
			onSuccess: () => resolve(clip),
			onError: reject,
			...options
		}).start();
	});
}

describe('an upload', () => {
	it('by tus-js-client comes in chunks and is a clip then', async () => {
		const data = randomBytes(3 * CHUNK + 17);
		const hash = await upload(data);
		expect(hash).toBe(sha256Of(data));
		const clip = await server.json(routes.clip(hash!));
		expect(clip).toMatchObject({ hash, bytes: data.length, width: 4, container: 'mp4' });
		const file = await server.fetch(routes.clipFile(hash!));
		expect(sha256Of(new Uint8Array(await file.arrayBuffer()))).toBe(hash);
		expect(file.headers.get('Content-Type')).toBe('video/mp4');
		expect(await partials()).toEqual([]);
	});

	it('stopped by its client goes on where it was, also after a restart of the server', async () => {
		const data = randomBytes(4 * CHUNK);
		const location = await new Promise<string>((resolve, reject) => {
			const stopped = new tus.Upload(data, {
				endpoint: server.url(routes.uploads),
				chunkSize: CHUNK,
				metadata: { sha256: sha256Of(data) },
				onChunkComplete: () => void stopped.abort().then(() => resolve(new URL(stopped.url!).pathname)),
				onError: reject
			});
			stopped.start();
		});
		const before = await offsetOf(location);
		expect(before).toBeGreaterThanOrEqual(CHUNK);
		server = await server.restart();
		expect(await offsetOf(location)).toBe(before);
		expect(await upload(data, { uploadUrl: server.url(location) })).toBe(sha256Of(data));
	});

	it('cut off in the middle of a chunk keeps what arrived', async () => {
		const data = `ok ${randomBytes(40_000).toString('hex')}`;
		const location = await server.begin(data.length);
		const { hostname, port, host } = new URL(server.running.address);
		const socket = connect(Number(port), hostname);
		const head = [
			`PATCH ${location} HTTP/1.1`,
			`Host: ${host}`,
			'Tus-Resumable: 1.0.0',
			'Content-Type: application/offset+octet-stream',
			'Upload-Offset: 0',
			`Content-Length: ${data.length}`
		];
		await new Promise<void>((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n`, () => resolve()));
		await new Promise<void>((resolve) => socket.end(data.slice(0, 30_000), () => resolve()));
		let offset = 0;
		while (offset === 0) offset = await offsetOf(location);
		expect(offset).toBe(30_000);
		const rest = await server.append(location, offset, data.slice(offset));
		expect(rest.headers.get('Upload-Clip')).toBe(sha256Of(data));
	});

	it('at a wrong offset is refused and changes nothing', async () => {
		const location = await server.begin(10);
		await server.append(location, 0, 'ok ');
		const wrong = await server.append(location, 5, 'xx');
		expect(wrong.status).toBe(409);
		expect(await wrong.json()).toEqual({ code: 'upload-offset', params: { expected: 3, found: 5 } });
		expect(await offsetOf(location)).toBe(3);
	});

	it('gets only one of two equal chunks that come at once', async () => {
		const location = await server.begin(100_000);
		const chunk = randomBytes(50_000);
		const answers = await Promise.all([1, 2].map(() => server.append(location, 0, chunk)));
		expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
		expect(await offsetOf(location)).toBe(50_000);
	});

	it('of a known file needs no bytes', async () => {
		const data = randomBytes(1000);
		const hash = (await upload(data))!;
		const coded = Buffer.from(hash).toString('base64');
		const before = await partials();
		const headers = { 'Upload-Length': '1000', 'Upload-Metadata': `sha256 ${coded}` };
		const response = await server.tus('POST', routes.uploads, headers);
		expect(response.status).toBe(201);
		expect(response.headers.get('Upload-Clip')).toBe(hash);
		expect(response.headers.get('Upload-Offset')).toBe('1000');
		// A client that does not look at that still ends well.
		expect(await upload(data, { metadata: { sha256: hash } })).toBe(hash);
		expect(await partials()).toEqual(before);
	});

	it('that arrives as something else is refused', async () => {
		const location = await server.begin(5, { sha256: sha256Of('right') });
		const response = await server.append(location, 0, 'wrong');
		expect(response.status).toBe(422);
		expect(await response.json()).toEqual({ code: 'upload-hash', params: {} });
		expect((await server.tus('HEAD', location)).status).toBe(404);
	});

	it('that is no video is refused with its name, and nothing stays', async () => {
		const location = await server.begin(8, { filename: 'notes.txt' });
		const response = await server.append(location, 0, 'bad text');
		expect(response.status).toBe(422);
		expect(await response.json()).toEqual({ code: 'clip-not-video', params: { name: 'notes.txt' } });
		expect(await readdir(join(server.workspace, 'clips'))).not.toContainEqual(
			expect.stringContaining(sha256Of('bad text'))
		);
	});

	it('can be given up', async () => {
		const location = await server.begin(100);
		expect((await server.tus('DELETE', location)).status).toBe(204);
		expect((await server.append(location, 0, 'x')).status).toBe(404);
	});

	it('is forgotten when nothing comes for long', async () => {
		const location = await server.begin(100);
		const part = join(server.workspace, 'uploads', `${location.split('/').at(-1)}.part`);
		const longAgo = new Date(Date.now() - 25 * 3_600_000);
		await utimes(part, longAgo, longAgo);
		server = await server.restart();
		expect((await server.tus('HEAD', location)).status).toBe(404);
		await expect(readFile(part)).rejects.toThrow();
	});
});

describe('the limits', () => {
	it('are told by OPTIONS', async () => {
		const response = await server.fetch(routes.uploads, { method: 'OPTIONS' });
		expect(response.status).toBe(204);
		expect(response.headers.get('Tus-Version')).toBe('1.0.0');
		expect(response.headers.get('Tus-Extension')).toBe('creation,termination');
		expect(response.headers.get('Tus-Max-Size')).toBe(String(4 * 2 ** 20));
	});

	it('hold for a file before its first byte', async () => {
		const response = await server.tus('POST', routes.uploads, { 'Upload-Length': '5000000' });
		expect(response.status).toBe(413);
		expect(await response.json()).toEqual({
			code: 'clip-too-large',
			params: { bytes: 5_000_000, limit: 4 * 2 ** 20 }
		});
	});

	it('hold for a chunk', async () => {
		const location = await server.begin(2 * CHUNK);
		const response = await server.append(location, 0, randomBytes(CHUNK + 1));
		expect(response.status).toBe(413);
		expect(await response.json()).toEqual({ code: 'upload-too-large', params: { limit: CHUNK } });
		expect(await offsetOf(location)).toBe(0);
	});

	it('hold for the disk', async () => {
		free = 1000;
		const response = await server.tus('POST', routes.uploads, { 'Upload-Length': '5000' });
		free = 1e12;
		expect(response.status).toBe(507);
		expect(await response.json()).toMatchObject({ code: 'disk-full' });
	});

	it.each([
		['another version', 412, { 'Tus-Resumable': '0.2.0', 'Upload-Length': '1' }],
		['no length', 400, {}],
		['a length that is no number', 400, { 'Upload-Length': '-1' }],
		['no bytes at all', 422, { 'Upload-Length': '0' }],
		['a hash that is none', 400, { 'Upload-Length': '1', 'Upload-Metadata': 'sha256 Li4vLi4=' }]
	])('refuse %s', async (_case, status, headers) => {
		expect((await server.tus('POST', routes.uploads, headers)).status).toBe(status);
	});

	it('refuse more bytes than were announced, and another content type', async () => {
		const location = await server.begin(3);
		expect((await server.append(location, 0, 'more')).status).toBe(400);
		const plain = { 'Upload-Offset': '0', 'Content-Type': 'text/plain' };
		expect((await server.tus('PATCH', location, plain, 'abc')).status).toBe(415);
	});
});
