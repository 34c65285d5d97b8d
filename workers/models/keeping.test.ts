import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebModel, WebModelId } from '../../server/protocol/web-model.ts';
import { ModelKeeping } from './keeping.ts';
import { obtainModel } from './obtain.ts';
import { PrivateFolder } from './private-folder.fixture.ts';

const contentOf = (id: string) => new Uint8Array(1000).fill(id.length);
const about = (model: WebModelId): WebModel => ({
	...{ model, weights: 'a'.repeat(64), form: '1', standIn: false, tensors: {}, pieces: {}, bytes: 1000 },
	sha256: createHash('sha256').update(contentOf(model)).digest('hex')
});

let folder: PrivateFolder;
/** How often weights were fetched. */
let fetched: number;
/** Sends the second half of all weights that are on their way. */
let send: () => void;
beforeEach(() => {
	folder = new PrivateFolder();
	fetched = 0;
	const sending = new Promise<void>((resolve) => (send = resolve));
	const uninstall = folder.install();
	vi.stubGlobal('fetch', async (path: string, { signal }: RequestInit) => {
		const [, id, weights] = /models\/([^/]+)\/web(\/weights)?$/.exec(path)!;
		if (!weights) return Response.json(about(id as WebModelId));
		signal?.throwIfAborted();
		fetched++;
		const content = contentOf(id!);
		const body = new ReadableStream<Uint8Array>({
			async start(controller) {
				signal?.addEventListener('abort', () => controller.error(signal.reason));
				controller.enqueue(content.slice(0, 500));
				await sending;
				if (signal?.aborted) return;
				controller.enqueue(content.slice(500));
				controller.close();
			}
		});
		return new Response(body);
	});
	return uninstall;
});

/** Begins a download and waits until half of it has arrived. */
async function half(tab: ModelKeeping, id: WebModelId = 'sam3'): Promise<{ ended: Promise<unknown> }> {
	let ended!: Promise<unknown>;
	await new Promise<void>((resolve) => {
		ended = tab.download(id, (_, done) => done === 500 && resolve()).catch((error: unknown) => error);
	});
	return { ended };
}
const sam3 = async (tab: ModelKeeping) => (await tab.list()).find(({ id }) => id === 'sam3')!;

describe('models that two tabs keep', () => {
	it('are fetched once, by one of them', async () => {
		const [one, other] = [new ModelKeeping(), new ModelKeeping()];
		const { ended } = await half(one);
		expect(await sam3(other)).toMatchObject({ part: { here: 500, running: true } });
		const second = other.download('sam3', () => {});
		send();
		await Promise.all([ended, second]);
		expect(fetched).toBe(1);
		expect(await sam3(one)).toMatchObject({ kept: { bytes: 1000 } });
		expect((await sam3(one)).part).toBeUndefined();
	});

	it('are removed while another tab fetches them, and do not come back', async () => {
		const [one, other] = [new ModelKeeping(), new ModelKeeping()];
		const { ended } = await half(one);
		const waiting = new ModelKeeping().download('sam3', () => {}).catch((error: unknown) => error);
		await other.remove('sam3');
		expect(await ended).toMatchObject({ name: 'AbortError' });
		expect(await waiting).toMatchObject({ name: 'AbortError' });
		expect([...folder.files.keys()]).toEqual([]);
		send();
		await one.download('sam3', () => {});
		expect(await sam3(other)).toMatchObject({ kept: { bytes: 1000 } });
	});

	it('are discarded alike, but for what was kept before and for other models', async () => {
		const [one, other] = [new ModelKeeping(), new ModelKeeping()];
		const [sam3Half, textHalf] = [await half(one), await half(one, 'sam3-text')];
		await other.discard('sam3');
		send();
		expect(await sam3Half.ended).toMatchObject({ name: 'AbortError' });
		expect(await textHalf.ended).toBeUndefined();
		expect(await sam3(other)).toEqual({ id: 'sam3' });
	});

	it('are stopped in the tab that fetches them, with what has arrived', async () => {
		const one = new ModelKeeping();
		const { ended } = await half(one);
		await new ModelKeeping().stop('sam3');
		expect(await sam3(one)).toMatchObject({ part: { running: true } });
		await one.stop('sam3');
		expect(await ended).toMatchObject({ name: 'AbortError' });
		expect(await sam3(one)).toMatchObject({ part: { here: 500, running: false } });
	});

	it('tell who wants to compute with them that they were removed', async () => {
		const wanted = new Promise<unknown>((resolve) => {
			obtainModel('sam3', (_, done) => {
				if (done === 500) void new ModelKeeping().remove('sam3');
			}).catch(resolve);
		});
		expect(await wanted).toMatchObject({ code: 'weights-absent' });
	});
});
