import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OutputKind } from '$protocol/schema.ts';
import { FakeLocks } from '$lib/testing/fake-locks.ts';
import { FakeFileHandle, FakePrivateStorage } from '$lib/testing/fake-private-storage.ts';
import { someJob } from '$lib/testing/fakes.ts';
import { openDatabase } from './database.ts';
import { FileHolds } from './file-holds.ts';
import { Files } from './files.ts';
import { Results } from './results.ts';

const job = someJob({ state: 'done' });
const blobs = (texts: Partial<Record<OutputKind, string>>) =>
	new Map(Object.entries(texts).map(([kind, text]) => [kind as OutputKind, new Blob([text])]));

let number = 0;
function setup() {
	vi.stubGlobal('FileSystemFileHandle', FakeFileHandle);
	const storage = new FakePrivateStorage();
	const locks = new FakeLocks();
	const database = openDatabase(`results-${number++}`, { storage });
	const tab = () => {
		const tabLocks = locks.tab();
		const holds = new FileHolds(tabLocks);
		const files = new Files(database, storage, holds);
		return { files, results: new Results(database, files, holds), kill: () => tabLocks.kill() };
	};
	const text = async (kind: OutputKind) => (await tab().results.file(job.key, kind))?.text();
	return { ...tab(), tab, storage, database, text };
}

afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

describe('Results', () => {
	it('gives back what was kept', async () => {
		const { results, text } = setup();
		const saved = await results.put(job, blobs({ alpha: 'alpha', foreground: 'colours' }));
		expect(saved).toMatchObject({ key: job.key, job, bytes: 12 });
		expect(await results.get(job.key)).toEqual(saved);
		expect(await text('alpha')).toBe('alpha');
		expect(await text('foreground')).toBe('colours');
		expect(await text('png')).toBeUndefined();
	});

	it('adds kinds, and does not keep a kind twice', async () => {
		const { results, storage, text } = setup();
		await results.put(job, blobs({ alpha: 'alpha' }));
		const saved = await results.put(job, blobs({ alpha: 'alpha', png: 'pictures' }));
		expect(saved.bytes).toBe(13);
		expect(storage.files.size).toBe(2);
		expect(await text('alpha')).toBe('alpha');
		expect(await text('png')).toBe('pictures');
	});

	it('keeps a kind anew of which the browser has lost the bytes', async () => {
		const { results, files, storage, text } = setup();
		await results.put(job, blobs({ alpha: 'alpha' }));
		storage.files.clear();
		expect(await text('alpha')).toBeUndefined();
		expect((await results.put(job, blobs({ alpha: 'alpha' }))).bytes).toBe(5);
		expect(await text('alpha')).toBe('alpha');
		await files.sweep();
		expect(await text('alpha')).toBe('alpha');
	});

	it('lists the least recently used first, where showing is using', async () => {
		vi.useFakeTimers({ toFake: ['Date'] });
		const { results } = setup();
		const [a, b] = [someJob({ key: 'a'.repeat(64) }), someJob({ key: 'b'.repeat(64) })];
		for (const [made, time] of [
			[a, 1],
			[b, 2]
		] as const) {
			vi.setSystemTime(time);
			await results.put(made, blobs({ alpha: 'alpha' }));
		}
		const order = async () => (await results.list()).map(({ key }) => key);
		expect(await order()).toEqual([a.key, b.key]);
		vi.setSystemTime(3);
		await results.file(a.key, 'alpha');
		expect(await order()).toEqual([b.key, a.key]);
		expect(await results.get(a.key)).toMatchObject({ created: 1, used: 3 });
	});

	it('removes a result with its files', async () => {
		const { results, storage, database } = setup();
		await results.put(job, blobs({ alpha: 'alpha', foreground: 'colours' }));
		await results.remove(job.key);
		expect(await results.get(job.key)).toBeUndefined();
		expect(storage.files.size).toBe(0);
		expect(await (await database).count('files')).toBe(0);
		await results.remove(job.key);
	});
});

describe('Results without room', () => {
	it('keeps all files of a result or none, and every earlier result', async () => {
		const { results, storage, text } = setup();
		storage.quota = 12;
		await results.put(job, blobs({ alpha: 'alpha' }));
		const other = someJob({ key: 'c'.repeat(64) });
		const keeping = results.put(other, blobs({ alpha: 'alpha', foreground: 'colours' }));
		await expect(keeping).rejects.toMatchObject({ code: 'storage-full' });
		expect(await results.get(other.key)).toBeUndefined();
		expect(storage.usage).toBe(5);
		expect(await text('alpha')).toBe('alpha');
		await results.remove(job.key);
		await results.put(other, blobs({ alpha: 'alpha', foreground: 'colours' }));
		expect(storage.usage).toBe(12);
	});

	it('leaves no file when the record does not fit, and what is kept can still be read', async () => {
		const { results, storage, text } = setup();
		await results.put(job, blobs({ alpha: 'alpha' }));
		const put = IDBObjectStore.prototype.put;
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...given) {
			if (this.name === 'results') throw new DOMException('', 'QuotaExceededError');
			return put.apply(this, given);
		});
		const keeping = results.put(job, blobs({ png: 'pictures' }));
		await expect(keeping).rejects.toMatchObject({ code: 'storage-full' });
		expect(storage.usage).toBe(5);
		expect(await text('alpha')).toBe('alpha');
	});
});

describe('Results when the tab is killed', () => {
	it('sweeps the files whose result was not recorded', async () => {
		const { results, tab, storage, kill } = setup();
		const endless = new Blob(['colours']);
		vi.spyOn(endless, 'stream').mockReturnValue(new ReadableStream({ pull: () => new Promise(() => {}) }));
		const files = new Map<OutputKind, Blob>([...blobs({ alpha: 'alpha' }), ['foreground', endless]]);
		void results.put(job, files);
		await vi.waitFor(() => expect(storage.files.size).toBe(3));
		const other = tab();
		await other.files.sweep();
		expect(storage.files.size).toBe(3);
		kill();
		await other.files.sweep();
		expect(storage.files.size).toBe(0);
		expect(await other.results.list()).toEqual([]);
	});
});
