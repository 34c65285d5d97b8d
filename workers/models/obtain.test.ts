import { createHash } from 'node:crypto';
import { beforeEach, expect, it, vi } from 'vitest';
import type { WebModel } from '../../server/protocol/web-model.ts';
import type { ErrorCode } from '../../server/protocol/errors.ts';
import { KeptModels } from './kept-models.ts';
import { downloadModel, obtainModel, type ObtainStage } from './obtain.ts';
import { PrivateFolder } from './private-folder.fixture.ts';

const content = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const model: WebModel = {
	model: 'sam3',
	...{ weights: 'a'.repeat(64), form: '1', standIn: false, tensors: {}, bytes: content.length },
	...{ sha256: sha256(content), pieces: { old: [0, 1000] } }
};

let folder: PrivateFolder;
/** What the server tells of the model, the newest last; none while it is away. */
let told: (WebModel | { preparing: { done: number; total: number } })[];
/** With what it refuses to tell. */
let refusal: ErrorCode | undefined;
/** What it sends as weights, and after how many bytes it cuts the connection. */
let sent: { bytes: Uint8Array<ArrayBuffer>; cutAfter: number };
const ask = vi.fn(async (path: string, init?: RequestInit) => {
	if (told.length === 0) throw new TypeError('network error');
	if (!path.endsWith('weights')) {
		if (refusal) return Response.json({ code: refusal, params: {} }, { status: 404 });
		const [next] = told.length > 1 ? told.splice(0, 1) : told;
		return Response.json(next, { status: 'preparing' in next! ? 202 : 200 });
	}
	const start = Number(/^bytes=(\d+)-$/.exec(new Headers(init?.headers).get('Range') ?? '')?.[1] ?? 0);
	const { bytes, cutAfter } = sent;
	let at = start;
	const body = new ReadableStream<Uint8Array>({
		pull(controller) {
			if (at >= cutAfter) return controller.error(new TypeError('network error'));
			if (at >= bytes.length) return controller.close();
			controller.enqueue(bytes.slice(at, (at = Math.min(at + 100, bytes.length, cutAfter))));
		}
	});
	return new Response(body, { status: start > 0 ? 206 : 200 });
});

beforeEach(() => {
	folder = new PrivateFolder();
	told = [model];
	refusal = undefined;
	sent = { bytes: content, cutAfter: Infinity };
	ask.mockClear();
	const uninstall = folder.install();
	vi.stubGlobal('fetch', ask);
	return uninstall;
});

const obtain = (onProgress: Parameters<typeof obtainModel>[1] = () => {}, signal?: AbortSignal) =>
	obtainModel('sam3', onProgress, signal);
const obtained = async () => {
	const { about, weights } = await obtain();
	expect(new Uint8Array(await weights.arrayBuffer())).toEqual(content);
	return about;
};
const fetched = () => ask.mock.calls.filter(([path]) => path.endsWith('weights')).length;
const find = async () => (await KeptModels.open())!.find('sam3');
const findPart = async () => (await KeptModels.open())!.findPart('sam3');

it('fetches weights once, and needs no server then', async () => {
	expect(await obtained()).toEqual(model);
	told = [];
	expect(await obtained()).toEqual(model);
	expect(fetched()).toBe(1);
	expect(await findPart()).toBeUndefined();
});

it.each(['model-absent', 'disk-full', 'engine-died', 'model-damaged'] as const)(
	'computes with what is kept where the server says %s, which a download is told',
	async (code) => {
		refusal = code;
		await expect(obtain()).rejects.toMatchObject({ code });
		refusal = undefined;
		await obtained();
		refusal = code;
		expect(await obtained()).toEqual(model);
		await expect(downloadModel('sam3', () => {})).rejects.toMatchObject({ code });
	}
);

it('does not take what is kept for a download while the server is away', async () => {
	await obtained();
	told = [];
	await expect(downloadModel('sam3', () => {})).rejects.toMatchObject({ code: 'server-away' });
});

it('takes from the server what is new of the same weights, and keeps it', async () => {
	await obtained();
	const newer: WebModel = { ...model, weights: 'b'.repeat(64), form: '2', pieces: { new: [0, 1000] } };
	told = [newer];
	expect(await obtained()).toEqual(newer);
	expect(fetched()).toBe(1);
	told = [];
	expect(await obtained()).toEqual(newer);
});

it.each([50, 99])('cut off at %i percent, is gone on with, and ends with the right hash', async (percent) => {
	sent.cutAfter = (percent / 100) * content.length;
	await expect(obtain()).rejects.toMatchObject({ code: 'server-away' });
	expect(await find()).toBeUndefined();
	expect(await findPart()).toEqual({ about: model, here: sent.cutAfter });
	const from = sent.cutAfter;
	sent.cutAfter = Infinity;
	await obtained();
	const { headers } = ask.mock.calls.at(-1)![1]!;
	expect(new Headers(headers).get('Range')).toBe(`bytes=${from}-`);
	expect(sha256(new Uint8Array(await (await find())!.weights.arrayBuffer()))).toBe(model.sha256);
});

it('refuses weights of a wrong hash, and nothing of them stays', async () => {
	sent.bytes = content.slice();
	sent.bytes[9999]! ^= 1;
	await expect(obtain()).rejects.toMatchObject({ code: 'download-wrong' });
	expect([...folder.files.keys()]).toEqual([]);
	sent.bytes = content;
	await obtained();
});

it('refuses them after a cut, too, and begins anew', async () => {
	sent.cutAfter = 5000;
	await expect(obtain()).rejects.toMatchObject({ code: 'server-away' });
	folder.files.get(model.sha256)![17]! ^= 1;
	sent.cutAfter = Infinity;
	await expect(obtain()).rejects.toMatchObject({ code: 'download-wrong' });
	expect([...folder.files.keys()]).toEqual([]);
	await obtained();
});

it('pauses where it is told to, and goes on from there', async () => {
	const stop = new AbortController();
	const seen: number[] = [];
	const paused = obtain((_, done) => {
		seen.push(done);
		if (done === 3000) stop.abort();
	}, stop.signal);
	await expect(paused).rejects.toMatchObject({ name: 'AbortError' });
	const { here } = (await findPart())!;
	expect(here).toBe(seen.at(-1));
	await obtained();
	expect(new Headers(ask.mock.calls.at(-1)![1]!.headers).get('Range')).toBe(`bytes=${here}-`);
});

it('waits while the server makes the file, and tells how far that is', async () => {
	told = [{ preparing: { done: 0, total: 0 } }, { preparing: { done: 40, total: 100 } }, model];
	const stages: [ObtainStage, number, number][] = [];
	await obtain((...progress) => stages.push(progress));
	expect(stages.slice(0, 3)).toEqual([
		['prepare', 0, 0],
		['prepare', 40, 100],
		['download', 100, content.length]
	]);
	const stop = new AbortController();
	told = [{ preparing: { done: 0, total: 100 } }];
	const waiting = obtain(() => stop.abort(), stop.signal);
	await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});

it('says that the disk is full, and goes on when there is room', async () => {
	folder.room = 8000;
	await expect(obtain()).rejects.toMatchObject({ code: 'storage-full' });
	expect((await findPart())!.here).toBeGreaterThan(5000);
	folder.room = Infinity;
	await obtained();
});

it('keeps what it has while newer weights are on their way, and drops it then', async () => {
	await obtained();
	const other = content.toReversed();
	told = [{ ...model, sha256: sha256(other), weights: 'b'.repeat(64) }];
	sent = { bytes: other, cutAfter: 5000 };
	await expect(obtain()).rejects.toMatchObject({ code: 'server-away' });
	expect((await find())?.about).toEqual(model);
	// A second newer one: what arrived of the first is of no use any more.
	const last = content.map((value) => value ^ 1);
	told = [{ ...model, sha256: sha256(last), weights: 'c'.repeat(64) }];
	sent = { bytes: last, cutAfter: 5000 };
	await expect(obtain()).rejects.toMatchObject({ code: 'server-away' });
	expect(folder.files.has(sha256(other))).toBe(false);
	sent.cutAfter = Infinity;
	expect((await obtain()).about.weights).toBe('c'.repeat(64));
	expect([...folder.files.keys()].sort()).toEqual(['sam3.json', sha256(last)].sort());
});

it('says that the browser keeps no files for the page', async () => {
	vi.stubGlobal('navigator', {});
	await expect(obtain()).rejects.toMatchObject({ code: 'storage-refused' });
});
