import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nothingSaved } from '$lib/state/prompting-json.ts';
import { FakeLocks } from '$lib/testing/fake-locks.ts';
import { someJob, someSaved } from '$lib/testing/fakes.ts';
import { packMask } from '$models/packed-mask.ts';
import { openDatabase } from './database.ts';
import { FileHolds } from './file-holds.ts';
import { Files } from './files.ts';
import { Results } from './results.ts';
import { Sessions } from './sessions.ts';
import type { SavedPrompts, SavedSession, SavedTracked } from './types.ts';

const prompts: SavedPrompts = {
	...nothingSaved,
	marks: [{ target: 1, revision: 1, time: 0, prompts: [{ kind: 'point', x: 1, y: 1, positive: true }] }]
};

const masks: SavedTracked['masks'] = [
	{ target: 1, mask: packMask({ width: 4, height: 2, counts: [3, 2, 3] }), basis: [[0, 1]] }
];
/** What was tracked on more frames than are read at once. */
const tracked: SavedTracked[] = Array.from({ length: 250 }, (_, i) => ({ time: i / 25, masks }));

async function trackedOf(sessions: Sessions, id: string): Promise<SavedTracked[]> {
	const all: SavedTracked[] = [];
	for await (const frames of sessions.tracked(id)) all.push(...frames);
	return all;
}

let number = 0;
function setup() {
	const database = openDatabase(`sessions-${number++}`);
	const locks = new FakeLocks();
	const tab = () => {
		const tabLocks = locks.tab();
		const holds = new FileHolds(tabLocks);
		const files = new Files(database, undefined, holds);
		const sessions = new Sessions(database, holds);
		return { sessions, files, results: new Results(database, files, holds), kill: () => tabLocks.kill() };
	};
	return { ...tab(), tab, database };
}

afterEach(() => vi.restoreAllMocks());

describe('Sessions', () => {
	it('lists the newest first', async () => {
		const { sessions } = setup();
		await sessions.put(someSaved({ id: 'old', updated: 1 }));
		await sessions.put(someSaved({ id: 'young', updated: 2 }));
		expect((await sessions.list()).map(({ id }) => id)).toEqual(['young', 'old']);
	});

	it('keeps prompts that are not given again', async () => {
		const { sessions } = setup();
		await sessions.put(someSaved(), prompts);
		await sessions.put(someSaved({ title: 'Renamed' }));
		expect(await sessions.get('s1')).toMatchObject({ title: 'Renamed' });
		expect(await sessions.prompts('s1')).toEqual(prompts);
	});

	it('saves session and prompts both or, without room, neither', async () => {
		const { sessions } = setup();
		await sessions.put(someSaved({ title: 'before' }));
		const put = IDBObjectStore.prototype.put;
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...given) {
			if (this.name === 'prompts') throw new DOMException('', 'QuotaExceededError');
			return put.apply(this, given);
		});
		const saving = sessions.put(someSaved({ title: 'after' }), prompts);
		await expect(saving).rejects.toMatchObject({ code: 'storage-full' });
		expect(await sessions.get('s1')).toMatchObject({ title: 'before' });
		expect(await sessions.prompts('s1')).toBeUndefined();
	});

	it('tells the other tabs what was saved, and not its own', async () => {
		const { sessions, tab } = setup();
		const [mine, theirs] = [vi.fn(), vi.fn()];
		sessions.watch(mine);
		const stop = tab().sessions.watch(theirs);
		await sessions.put(someSaved());
		await vi.waitFor(() => expect(theirs).toHaveBeenCalledExactlyOnceWith('s1'));
		expect(mine).not.toHaveBeenCalled();
		stop();
	});
});

describe('Sessions.putTracked', () => {
	it('keeps the frames of each session, in order, the newest masks of each', async () => {
		const { sessions } = setup();
		await sessions.putTracked('s2', tracked.slice(0, 2));
		await sessions.putTracked('s1', tracked.slice(100));
		await sessions.putTracked('s1', tracked.slice(0, 101));
		const newer = { time: 1, masks: [{ ...masks[0]!, target: 2 }] };
		await sessions.putTracked('s1', [newer, { time: 2, masks: [] }]);
		const expected = tracked
			.filter(({ time }) => time !== 2)
			.map((frame) => (frame.time === 1 ? newer : frame));
		expect(await trackedOf(sessions, 's1')).toEqual(expected);
		expect(await trackedOf(sessions, 's2')).toEqual(tracked.slice(0, 2));
		expect(await trackedOf(sessions, 's')).toEqual([]);
	});

	it('saves all or, without room, nothing', async () => {
		const { sessions } = setup();
		await sessions.putTracked('s1', tracked.slice(0, 1));
		const put = IDBObjectStore.prototype.put;
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...given) {
			if ((given[0] as SavedTracked).time === 1) throw new DOMException('', 'QuotaExceededError');
			return put.apply(this, given);
		});
		await expect(sessions.putTracked('s1', tracked)).rejects.toMatchObject({ code: 'storage-full' });
		expect(await trackedOf(sessions, 's1')).toEqual(tracked.slice(0, 1));
	});
});

describe('Sessions.duplicate', () => {
	it('copies everything but the wait for the server, and shares the clip', async () => {
		const { sessions, files } = setup();
		const file = await files.put(new Blob(['clip']));
		const { id: _, state: __, ...request } = { ...someJob(), keyframes: [] };
		const job = { id: 't1', targets: [1], from: 0, to: 9, start: 0, bases: [] };
		const tracking: SavedSession['tracking'] = { from: 1, to: 2, open: { place: 'server', job } };
		const saved = someSaved({ file, jobs: ['j1'], results: ['k1'], wanted: request, tracking });
		await sessions.put(saved, prompts);
		await sessions.setThumbnail('s1', new Blob(['picture']));
		await sessions.putTracked('s1', tracked);
		const copy = await sessions.duplicate('s1', 's2', 'Copy');
		expect(copy).toMatchObject({ id: 's2', title: 'Copy', file, jobs: ['j1'], results: ['k1'] });
		expect(copy.wanted).toBeUndefined();
		expect(copy.tracking).toEqual({ from: 1, to: 2 });
		expect(await sessions.get('s2')).toEqual(copy);
		expect(await sessions.prompts('s2')).toEqual(prompts);
		expect(await trackedOf(sessions, 's2')).toEqual(tracked);
		expect(await (await sessions.thumbnail('s2'))?.text()).toBe('picture');
	});

	it('keeps the shared clip until the last session of it is gone', async () => {
		const { sessions, files } = setup();
		const file = await files.put(new Blob(['clip']));
		await sessions.put(someSaved({ file }));
		await sessions.duplicate('s1', 's2', 'Copy');
		await sessions.forget(await sessions.remove('s1'));
		await files.sweep();
		expect(await (await files.get(file))?.text()).toBe('clip');
		await sessions.forget(await sessions.remove('s2'));
		await files.sweep();
		expect(await files.get(file)).toBeUndefined();
	});

	it('says that there is no such session', async () => {
		const { sessions } = setup();
		await expect(sessions.duplicate('none', 's2', 'Copy')).rejects.toMatchObject({ code: 'session-missing' });
	});
});

describe('Sessions.remove', () => {
	const fill = async ({ sessions, files, results }: ReturnType<typeof setup>) => {
		const job = someJob({ state: 'done' });
		await results.put(job, new Map([['alpha', new Blob(['alpha'])]]));
		const file = await files.put(new Blob(['clip']));
		await sessions.put(someSaved({ file, results: [job.key] }), prompts);
		await sessions.setThumbnail('s1', new Blob(['picture']));
		await sessions.putTracked('s1', tracked);
		return { file, key: job.key };
	};

	it('can be undone with nothing lost, whatever any tab sweeps meanwhile', async () => {
		const browser = setup();
		const { sessions, files, results, tab } = browser;
		const { file, key } = await fill(browser);
		const before = await sessions.get('s1');
		const removed = await sessions.remove('s1');
		expect(await sessions.list()).toEqual([]);
		expect(await sessions.prompts('s1')).toBeUndefined();
		expect(await trackedOf(sessions, 's1')).toEqual([]);
		await files.sweep();
		await tab().files.sweep();
		await sessions.restore(removed);
		await files.sweep();
		expect(await sessions.get('s1')).toEqual(before);
		expect(await sessions.prompts('s1')).toEqual(prompts);
		expect(await trackedOf(sessions, 's1')).toEqual(tracked);
		expect(await (await sessions.thumbnail('s1'))?.text()).toBe('picture');
		expect(await (await files.get(file))?.text()).toBe('clip');
		expect(await (await results.file(key, 'alpha'))?.text()).toBe('alpha');
	});

	it('gives the room of clip and results back once it is forgotten', async () => {
		const browser = setup();
		const { sessions, files, database } = browser;
		await fill(browser);
		await sessions.forget(await sessions.remove('s1'));
		await files.sweep();
		for (const store of (await database).objectStoreNames)
			expect(await (await database).count(store)).toBe(0);
	});

	it('gives the clip’s room back when the tab is killed before it is forgotten', async () => {
		const browser = setup();
		const { sessions, tab, kill } = browser;
		const { file } = await fill(browser);
		await sessions.remove('s1');
		kill();
		const other = tab();
		await other.files.sweep();
		expect(await other.files.get(file)).toBeUndefined();
	});

	it('leaves the results to sessions that have them too, removed but not forgotten ones included', async () => {
		const browser = setup();
		const { sessions, files, results } = browser;
		const { key } = await fill(browser);
		await sessions.duplicate('s1', 's2', 'Copy');
		const [first, second] = [await sessions.remove('s1'), await sessions.remove('s2')];
		await sessions.forget(first);
		await files.sweep();
		await sessions.restore(second);
		expect(await (await results.file(key, 'alpha'))?.text()).toBe('alpha');
	});
});
