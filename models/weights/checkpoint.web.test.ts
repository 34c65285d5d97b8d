import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRemoteCheckpoint } from './checkpoint.web.ts';
import { standInWeight, writeStandIn } from './stand-in.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, file: Buffer) => void;

let server: Server;
let base: string;
const files = new Map<string, Buffer>();
let answer: Answer;
let requested: (string | undefined)[];

beforeEach(async () => {
	files.clear();
	answer = withRanges;
	requested = [];
	server = createServer((request, response) => {
		requested.push(request.headers.range);
		const file = files.get(request.url!);
		if (file) answer(request, response, file);
		else response.writeHead(404).end();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));

const withRanges: Answer = (request, response, file) => {
	const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!;
	if (Number(first) >= file.length) {
		response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
		return;
	}
	const part = file.subarray(Number(first), Number(last) + 1);
	const range = `bytes ${first}-${Number(first) + part.length - 1}/${file.length}`;
	response.writeHead(206, { 'content-range': range, etag: `"${file.length}"` }).end(part);
};

async function put(path: string, shapes: Record<string, number[]>) {
	const chunks: Uint8Array[] = [];
	await writeStandIn(shapes, {}, (chunk) => void chunks.push(chunk));
	files.set(path, Buffer.concat(chunks));
}

test('only what is asked for is fetched', async () => {
	await put('/model.safetensors', { 'big.weight': [1000, 200], 'small.weight': [10, 3] });
	const checkpoint = await openRemoteCheckpoint(`${base}/model.safetensors`);
	expect(checkpoint.standIn).toBe(true);
	expect(requested).toEqual(['bytes=0-262143']);
	const bytes = await checkpoint.read('small.weight');
	expect(new Float32Array(bytes.buffer)).toEqual(standInWeight('small.weight', [10, 3]));
	const { offset } = checkpoint.tensors.get('small.weight')!;
	expect(requested[1]).toBe(`bytes=${offset}-${offset + 119}`);
});

test('a folder is opened by its file or its index', async () => {
	await put('/m/part.safetensors', { a: [4] });
	files.set('/m/model.safetensors.index.json', Buffer.from('{"weight_map": {"a": "part.safetensors"}}'));
	const sharded = await openRemoteCheckpoint(`${base}/m/`);
	expect(new Float32Array((await sharded.read('a')).buffer)).toEqual(standInWeight('a', [4]));
	await put('/m/model.safetensors', { whole: [4] });
	expect([...(await openRemoteCheckpoint(`${base}/m/`)).tensors.keys()]).toEqual(['whole']);
});

test.each<[string, Answer, object]>([
	[
		'without ranges',
		(_, response, file) => response.writeHead(200).end(file),
		{ code: 'weights-no-ranges', params: { file: 'model.safetensors' } }
	],
	[
		'that sends another part',
		(_, response, file) =>
			response.writeHead(206, { 'content-range': `bytes 1-9/${file.length}` }).end(file.subarray(1, 10)),
		{ code: 'weights-no-ranges' }
	],
	[
		'that refuses',
		(_, response) => response.writeHead(403).end(),
		{ code: 'weights-unreachable', params: { file: 'model.safetensors', status: 403 } }
	],
	[
		'that hangs up',
		(_, response) => response.destroy(),
		{ code: 'weights-unreachable', params: { file: 'model.safetensors', status: 0 } }
	]
])('a server %s is told', async (_, misbehave, error) => {
	await put('/model.safetensors', { a: [4] });
	answer = misbehave;
	await expect(openRemoteCheckpoint(`${base}/model.safetensors`)).rejects.toMatchObject(error);
});

test('a file that is not there, is empty, or ends too early is told', async () => {
	const open = () => openRemoteCheckpoint(`${base}/model.safetensors`);
	await expect(open()).rejects.toMatchObject({ code: 'weights-absent' });
	files.set('/model.safetensors', Buffer.alloc(0));
	await expect(open()).rejects.toMatchObject({ code: 'weights-damaged' });
	await put('/model.safetensors', { a: [4] });
	files.set('/model.safetensors', files.get('/model.safetensors')!.subarray(0, -1));
	await expect(open()).rejects.toMatchObject({ code: 'weights-damaged' });
});

test('a file that is replaced while it is read is told', async () => {
	await put('/model.safetensors', { 'big.weight': [1000, 200] });
	const checkpoint = await openRemoteCheckpoint(`${base}/model.safetensors`);
	await put('/model.safetensors', { 'big.weight': [1000, 201] });
	await expect(checkpoint.read('big.weight')).rejects.toMatchObject({
		...{ code: 'weights-damaged', params: { reason: 'changed while it was read' } }
	});
});

test('aborting is no failure of the server', async () => {
	await put('/model.safetensors', { a: [4] });
	const signal = AbortSignal.abort();
	await expect(openRemoteCheckpoint(`${base}/model.safetensors`, { signal })).rejects.toBe(signal.reason);
});
