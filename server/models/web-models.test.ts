import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ModelStore } from '../../models/hub/store.node.ts';
import { appError } from '../protocol/errors.ts';
import type { ServedModel, WebModelSource } from './web-model-file.ts';
import { WebModels } from './web-models.ts';
import type { WriteHooks } from './write-apart.ts';

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-web-models-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const weights = 'a'.repeat(64);

/** Stands in for the process that writes: ends when it is told to. */
function fakeWriter() {
	const running: {
		source: WebModelSource;
		hooks: WriteHooks;
		finish(): Promise<void>;
		fail(error: unknown): void;
	}[] = [];
	const write = (source: WebModelSource, hooks: WriteHooks) =>
		new Promise<ServedModel>((resolve, reject) => {
			const path = join(root, source.id);
			const about = { model: source.id, bytes: 5 } as ServedModel['about'];
			const finish = async () => {
				await writeFile(path, 'bytes');
				resolve({ path, about });
			};
			hooks.signal.addEventListener('abort', () => reject(hooks.signal.reason as Error));
			running.push({ source, hooks, finish, fail: reject });
		});
	return { running, write };
}

function open(state: { problem?: ReturnType<typeof appError>; weights?: string } = { weights }) {
	const writer = fakeWriter();
	const models = new WebModels({
		store: new ModelStore(join(root, 'weights')),
		stateOf: async () => ({ standIn: true, ...state }),
		cache: join(root, 'cache'),
		log: { warn: () => {} },
		write: writer.write,
		wait: 20
	});
	return { models, running: writer.running };
}

const begun = (running: unknown[], count: number) =>
	vi.waitFor(() => expect(running).toHaveLength(count), { interval: 1 });

describe('models for browsers', () => {
	it('are made once, whoever asks meanwhile, and anew when the file is gone', async () => {
		const { models, running } = open();
		const both = Promise.all([models.of('sam3'), models.ask('sam3')]);
		await begun(running, 1);
		expect(running[0]!.source).toMatchObject({ id: 'sam3', weights });
		await running[0]!.finish();
		const [first, second] = await both;
		expect(second).toBe(first);
		await rm(first.path);
		const again = Promise.all([models.of('sam3'), models.of('sam3')]);
		await begun(running, 2);
		await running[1]!.finish();
		const [third, fourth] = await again;
		expect(fourth).toBe(third);
		expect(third).not.toBe(first);
	});

	it('are made one at a time, and tell how far they are', async () => {
		const { models, running } = open();
		const sam3 = models.ask('sam3');
		const text = models.of('sam3-text');
		await begun(running, 1);
		running[0]!.hooks.onProgress({ done: 30, total: 100 });
		expect(await sam3).toEqual({ done: 30, total: 100 });
		expect(await models.offers()).toMatchObject([
			{ id: 'matanyone2', preparing: undefined },
			{ id: 'sam3', preparing: { done: 30, total: 100 } },
			{ id: 'sam3-text', preparing: { done: 0 }, standIn: true, weights }
		]);
		await running[0]!.finish();
		await begun(running, 2);
		await running[1]!.finish();
		expect((await text).about.model).toBe('sam3-text');
		expect((await models.offers())[1]).toMatchObject({ bytes: 5, preparing: undefined });
	});

	it('tell why they could not be made to the next one who asks, and are tried again then', async () => {
		const { models, running } = open();
		const pending = models.ask('sam3');
		await begun(running, 1);
		expect(await pending).toMatchObject({ done: 0 });
		running[0]!.fail(appError('disk-full'));
		await expect(models.ask('sam3')).rejects.toMatchObject({ code: 'disk-full' });
		void models.ask('sam3');
		await begun(running, 2);
	});

	it('are not there without weights, and not yet while these are being read', async () => {
		const away = open({ problem: appError('model-absent', { name: 'SAM 3' }) });
		await expect(away.models.ask('sam3')).rejects.toMatchObject({ code: 'model-absent' });
		expect((await away.models.offers())[1]!.problem?.code).toBe('model-absent');
		await expect(away.models.ask('matanyone')).rejects.toMatchObject({ code: 'model-unknown' });
		const reading = open({ problem: appError('model-reading', { name: 'SAM 3' }) });
		expect(await reading.models.ask('sam3')).toEqual({ done: 0, total: 0 });
	});

	it('are removed with the model, made or in the making, and made anew with the next', async () => {
		const { models, running } = open();
		const matanyone = models.of('matanyone2');
		await begun(running, 1);
		await running[0]!.finish();
		const { path } = await matanyone;
		const sam3 = models.of('sam3');
		const text = models.of('sam3-text');
		await begun(running, 2);
		const file = join(root, 'cache', 'sam3', 'packed.bin');
		await mkdir(dirname(file), { recursive: true });
		await writeFile(file, 'packed');
		const both = Promise.allSettled([sam3, text]);
		const removed = models.remove('sam3');
		await begun(running, 3);
		running[2]!.fail(running[2]!.hooks.signal.reason);
		await removed;
		expect((await both).map((each) => each.status === 'rejected' && each.reason)).toMatchObject([
			{ code: 'model-absent' },
			{ code: 'model-absent' }
		]);
		await expect(stat(file)).rejects.toThrow('ENOENT');
		expect((await models.of('matanyone2')).path).toBe(path);
		void models.of('sam3').catch(() => {});
		await begun(running, 4);
	});

	it('are no longer made once the server ends', async () => {
		const { models, running } = open();
		void models.ask('sam3').catch(() => {});
		await begun(running, 1);
		models.close();
		expect(running[0]!.hooks.signal.aborted).toBe(true);
	});
});
