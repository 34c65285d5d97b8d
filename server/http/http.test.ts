import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../protocol/routes.ts';
import { health } from '../protocol/schema.ts';
import { TestServer } from '../testing/harness.ts';

let server: TestServer;
beforeAll(async () => {
	const allowed = { allowedHosts: ['matte.example'], allowedOrigins: ['https://tools.example'] };
	server = await TestServer.start(allowed);
});
afterAll(() => server.stop());

/** A request whose Host and Origin can be chosen, and whose path is sent as it is. */
function send(path: string, headers: Record<string, string> = {}, method = 'GET') {
	const { hostname, port } = new URL(server.running.address);
	return new Promise<{ status: number; body: string }>((resolve, reject) => {
		const asked = request({ hostname, port, path, method, headers }, (response) => {
			let body = '';
			response.setEncoding('utf8');
			response.on('data', (text: string) => (body += text));
			response.on('end', () => resolve({ status: response.statusCode!, body }));
		});
		asked.on('error', reject).end();
	});
}

describe('the page', () => {
	it('is isolated from other origins and runs only its own scripts', async () => {
		const response = await server.fetch('/');
		expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
		expect(response.headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
		expect(response.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
		expect(response.headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin');
		const policy = response.headers.get('Content-Security-Policy')!;
		expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-[^']+';/);
		expect(policy).not.toContain("'unsafe-eval'");
	});

	it('is sent for its own routes, but not for files that are missing', async () => {
		expect(await (await server.fetch('/library')).text()).toContain('boot()');
		expect((await server.fetch('/missing.js')).status).toBe(404);
		expect((await server.fetch('/', { method: 'POST' })).status).toBe(405);
	});

	it('is kept by the browser as long as it is right', async () => {
		const script = await server.fetch('/_app/immutable/app.js');
		expect(script.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
		expect(script.headers.get('Cache-Control')).toContain('immutable');
		const index = await server.fetch('/');
		expect(index.headers.get('Cache-Control')).toBe('no-cache');
		const again = await server.fetch('/', { headers: { 'If-None-Match': index.headers.get('ETag')! } });
		expect(again.status).toBe(304);
	});

	it('lets its workers make code, which OpenCV.js needs', async () => {
		const worker = await server.fetch('/_app/immutable/workers/media.js');
		expect(worker.headers.get('Content-Security-Policy')).toContain("'unsafe-eval'");
	});
});

describe('paths', () => {
	it.each([
		'/../package.json',
		'/%2e%2e/%2e%2e/package.json',
		'/..%2f..%2fpackage.json',
		'/_app/../../workspace/server.json',
		'/api/clips/..%2f..%2fserver.json',
		'/api/clips/../../server.json/file',
		'/api/jobs/..%2f..%2f/outputs/alpha',
		'/api/jobs/x/outputs/..%2fsession.json',
		'/api/uploads/..%2fserver.json',
		'/%00',
		'/%ff%fe.js'
	])('%s leads nowhere', async (path) => {
		const { status, body } = await send(path);
		expect(body).not.toMatch(/epoch|splazmatte-server|dependencies/);
		expect([200, 404, 412]).toContain(status);
		if (status === 200) expect(body).toContain('boot()');
	});
});

describe('who may ask', () => {
	const own = () => new URL(server.running.address).host;

	it.each([
		['a page elsewhere', { Origin: 'https://evil.example' }],
		['a page on another port', { Origin: 'http://127.0.0.1:1' }],
		['a page without an origin', { Origin: 'null' }],
		['a name that was pointed here', { Host: 'evil.example' }],
		['a name that only begins like ours', { Host: 'localhost.evil.example' }]
	])('not %s', async (_case, headers) => {
		for (const path of ['/', routes.health, routes.uploads]) {
			const { status, body } = await send(path, headers);
			expect(status).toBe(403);
			expect(JSON.parse(body)).toEqual({ code: 'request-forbidden', params: {} });
		}
		await expect(server.events('', headers)).rejects.toThrow('403');
	});

	it.each([
		['our own page', () => ({ Origin: `http://${own()}` })],
		['localhost', () => ({ Host: 'localhost:8787', Origin: 'http://localhost:8787' })],
		['an address', () => ({ Host: '[::1]:8787' })],
		['a name that was set', () => ({ Host: 'matte.example', Origin: 'https://matte.example' })],
		['an origin that was set', () => ({ Origin: 'https://tools.example' })]
	])('%s', async (_case, headers) => {
		expect((await send(routes.health, headers())).status).toBe(200);
		(await server.events('', headers())).close();
	});
});

describe('the API', () => {
	it('says what it is and has', async () => {
		const found = health.parse(await server.json(routes.health));
		expect(found).toMatchObject({ name: 'splazmatte', running: 0, queued: 0, limits: { seconds: 60 } });
		expect(found.diskFree).toBeGreaterThan(0);
	});

	it('answers what it does not know with an error body', async () => {
		expect(await send('/api/nothing')).toEqual({ status: 404, body: '{"code":"not-found","params":{}}' });
		expect(await send(routes.job('none'))).toMatchObject({ status: 404 });
		expect((await send(routes.job('none'))).body).toContain('job-missing');
		const wrong = await server.fetch(routes.health, { method: 'DELETE' });
		expect(wrong.status).toBe(405);
		expect(wrong.headers.get('Allow')).toBe('GET');
	});

	it('takes no endless body, and none where one is needed', async () => {
		expect((await server.fetch(routes.jobs, { method: 'POST' })).status).toBe(400);
		expect((await send(routes.jobs, {}, 'POST')).status).toBe(400);
		const response = await server.fetch(routes.jobs, { method: 'POST', body: 'x'.repeat(17 * 2 ** 20) });
		expect(response.status).toBe(400);
	});

	it('survives a client that leaves in the middle of anything', async () => {
		const { hostname, port, host } = new URL(server.running.address);
		for (const cut of [
			'GE',
			'GET /api/health HTTP/1.1\r\nHost',
			`POST ${routes.jobs} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 99\r\n\r\n{"cl`
		]) {
			const socket = connect(Number(port), hostname);
			await new Promise<void>((resolve) => socket.write(cut, () => resolve()));
			socket.destroy();
		}
		expect((await server.fetch(routes.health)).status).toBe(200);
	});
});

describe('a file', () => {
	let path: string;
	const text = `ok ${'0123456789'.repeat(200_000)}`;
	const part = async (range: string, headers: Record<string, string> = {}) => {
		const response = await server.fetch(path, { headers: { Range: range, ...headers } });
		return { response, body: await response.text() };
	};

	beforeAll(async () => {
		const location = await server.begin(text.length);
		const hash = (await server.append(location, 0, text)).headers.get('Upload-Clip')!;
		path = routes.clipFile(hash);
	});

	it('comes whole', async () => {
		const response = await server.fetch(path);
		expect(response.headers.get('Accept-Ranges')).toBe('bytes');
		expect(response.headers.get('Content-Length')).toBe(String(text.length));
		expect(await response.text()).toBe(text);
		const head = await server.fetch(path, { method: 'HEAD' });
		expect(head.headers.get('Content-Length')).toBe(String(text.length));
	});

	it.each([
		['bytes=0-', 0, text.length],
		['bytes=3-12', 3, 13],
		['bytes=-10', text.length - 10, text.length]
	])('comes in part: %s', async (range, start, end) => {
		const { response, body } = await part(range);
		expect(response.status).toBe(206);
		expect(response.headers.get('Content-Range')).toBe(`bytes ${start}-${end - 1}/${text.length}`);
		expect(body).toBe(text.slice(start, end));
	});

	it('comes whole for several ranges, or when it is another by now', async () => {
		expect((await part('bytes=0-1,4-5')).response.status).toBe(200);
		expect((await part('bytes=0-1', { 'If-Range': '"old"' })).response.status).toBe(200);
	});

	it('has no part behind its end', async () => {
		const { response } = await part(`bytes=${text.length}-`);
		expect(response.status).toBe(416);
		expect(response.headers.get('Content-Range')).toBe(`bytes */${text.length}`);
	});

	it('waits for a slow client, and for nobody when that leaves', async () => {
		const { hostname, port, host } = new URL(server.running.address);
		const socket = connect(Number(port), hostname);
		const ask = () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
		const received: Buffer[] = [];
		socket.on('data', (data) => received.push(data));
		ask();
		await once(socket, 'data');
		socket.pause();
		expect((await server.fetch(routes.health)).status).toBe(200);
		socket.resume();
		while (!Buffer.concat(received).includes(text)) await once(socket, 'data');
		ask();
		await once(socket, 'data');
		socket.destroy();
		expect((await server.fetch(routes.health)).status).toBe(200);
	});
});

describe('events', () => {
	it('come again after a gap', async () => {
		const first = await server.events();
		const hello = await first.find(({ type }) => type === 'hello');
		first.close();
		const { job } = await server.submit(await server.clip());
		await server.reach(job.id, 'done');
		const epoch = hello.type === 'hello' ? hello.epoch : '';
		const second = await server.events(`?epoch=${epoch}&since=${hello.seq}`);
		await second.find((event) => event.type === 'job' && event.job.state === 'done');
		expect(second.events[0]).toMatchObject({ type: 'hello', replay: true });
		second.close();
		const stranger = await server.events('?epoch=other&since=1');
		expect(await stranger.find(({ type }) => type === 'hello')).toMatchObject({ replay: false });
		stranger.close();
	});

	it('end with the server', async () => {
		const listening = await server.events();
		server = await server.restart();
		await listening.closed();
		expect(listening.closeCode).toBe(1001);
	});
});
