import 'fake-indexeddb/auto';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '$lib/storage/database.ts';
import { Files } from '$lib/storage/files.ts';
import { Results } from '$lib/storage/results.ts';
import { Sessions } from '$lib/storage/sessions.ts';
import { FakeLocks } from '$lib/testing/fake-locks.ts';
import { FileHolds } from '$lib/storage/file-holds.ts';
import { appError } from '$protocol/errors.ts';
import { exportSession } from './export.ts';
import { clipBytes, hash, program, someSession } from './fixtures/sessions.ts';
import { importSession } from './import.ts';
import { collectSession, storeSession } from './transfer.ts';

let number = 0;
/** The stores of a browser of its own. */
function browser() {
	const database = openDatabase(`transfer-${number++}`);
	const holds = new FileHolds(new FakeLocks().tab());
	const files = new Files(database, undefined, holds);
	const stores = { sessions: new Sessions(database, holds), results: new Results(database, files), files };
	const kept = async () => {
		const { objectStoreNames } = await database;
		const keys = [...objectStoreNames].map(async (name) => (await (await database).getAllKeys(name)).length);
		return (await Promise.all(keys)).reduce((sum, count) => sum + count, 0);
	};
	return { ...stores, stores, kept };
}

const [{ job, blobs }] = someSession.results as [(typeof someSession.results)[number]];

describe('a session', () => {
	it('goes from one browser to another', async () => {
		const [here, there] = [browser(), browser()];
		const first = await storeSession(someSession, here.stores);
		// What it waits for stays behind.
		await here.sessions.put({ ...first, tracking: { ...first.tracking, open: { place: 'server' } } });
		const collected = await collectSession(first.id, here.stores, { clip: true });
		const file = await exportSession(collected, { program, hash });
		const second = await storeSession(await importSession(file, { program, hash }), there.stores);

		expect(second).toEqual({
			...someSession.session,
			id: second.id,
			file: second.file,
			updated: second.updated
		});
		expect(second.id).not.toBe(first.id);
		expect(await there.sessions.get(second.id)).toEqual(second);
		expect(await there.sessions.prompts(second.id)).toEqual(someSession.prompts);
		expect((await there.sessions.tracked(second.id).next()).value).toEqual(someSession.tracked);
		expect(await (await there.sessions.thumbnail(second.id))!.text()).toBe('a picture');
		expect(new Uint8Array(await (await there.files.get(second.file!))!.arrayBuffer())).toEqual(clipBytes);
		expect((await there.results.get(job.key))!.job).toEqual(job);
		for (const [kind, blob] of blobs) {
			const found = (await there.results.file(job.key, kind))!;
			expect(await found.arrayBuffer()).toEqual(await blob.arrayBuffer());
		}
	});

	it('is a second one where it is already, and shares the results', async () => {
		const { stores, sessions, results } = browser();
		const one = await storeSession(someSession, stores);
		const kept = await results.get(job.key);
		const two = await storeSession(someSession, stores);
		expect((await sessions.list()).map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
		expect((await results.get(job.key))!.files).toEqual(kept!.files);
	});

	it('finds a result that is here already, made by another job', async () => {
		const { stores, sessions, results } = browser();
		const mine = { ...job, id: 'mine' };
		await results.put(mine, new Map(mine.results.map(({ kind }) => [kind, new Blob(['mine'])])));
		const stored = await storeSession(someSession, stores);
		expect((await results.get(job.key))!.job.id).toBe('mine');
		expect((await sessions.get(stored.id))!.jobs).toContain('mine');
	});

	// Two files of its result, and its clip.
	it.each([0, 1, 2])('is not stored at all when there is no room for its file %i', async (refused) => {
		const { stores, files, kept } = browser();
		const put = files.put.bind(files);
		let number = 0;
		vi.spyOn(files, 'put').mockImplementation(async (blob) => {
			if (number++ === refused) throw appError('storage-full');
			return put(blob);
		});
		await expect(storeSession(someSession, stores)).rejects.toThrow('storage-full');
		expect(await kept()).toBe(0);
	});

	it('is not stored at all when there is no room for its record', async () => {
		const { stores, sessions, kept } = browser();
		vi.spyOn(sessions, 'put').mockRejectedValueOnce(appError('storage-full'));
		await expect(storeSession(someSession, stores)).rejects.toThrow('storage-full');
		expect(await kept()).toBe(0);
	});

	it('leaves the results alone that were here before, when it cannot be stored', async () => {
		const { stores, sessions, results } = browser();
		await storeSession(someSession, stores);
		vi.spyOn(sessions, 'put').mockRejectedValueOnce(appError('storage-full'));
		await expect(storeSession(someSession, stores)).rejects.toThrow('storage-full');
		expect(await results.file(job.key, 'alpha')).toBeDefined();
	});

	it('can be stopped while it is stored', async () => {
		const { stores, kept } = browser();
		const stop = new AbortController();
		const work = { signal: stop.signal, onProgress: () => stop.abort() };
		await expect(storeSession(someSession, stores, work)).rejects.toThrow('aborted');
		expect(await kept()).toBe(0);
	});

	it('is collected with what is here', async () => {
		const { stores } = browser();
		const { id } = await storeSession({ ...someSession, clip: undefined, results: [] }, stores);
		const collected = await collectSession(id, stores, { clip: false });
		expect(collected.results).toEqual([]);
		expect(collected.session.results).toEqual(someSession.session.results);
		await expect(collectSession(id, stores, { clip: true })).rejects.toMatchObject({
			code: 'package-no-clip',
			params: { name: '舞者 1.mp4' }
		});
		await expect(collectSession('nowhere', stores, { clip: false })).rejects.toMatchObject({
			code: 'session-missing'
		});
	});
});
