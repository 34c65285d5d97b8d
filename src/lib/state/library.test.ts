import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '$lib/storage/database.ts';
import { FileHolds } from '$lib/storage/file-holds.ts';
import { Files } from '$lib/storage/files.ts';
import { Results } from '$lib/storage/results.ts';
import { SessionLock } from '$lib/storage/session-lock.ts';
import { Sessions } from '$lib/storage/sessions.ts';
import type { SavedSession } from '$lib/storage/types.ts';
import { FakeLocks } from '$lib/testing/fake-locks.ts';
import { someClip, someJob, someSaved } from '$lib/testing/fakes.ts';
import { CodedError } from '$models/errors.ts';
import type { Job } from '$protocol/schema.ts';
import { KeptResults } from './kept-results.svelte.ts';
import { Library, type LibraryParts } from './library.svelte.ts';
import { nothingSaved, type PromptingJSON } from './prompting-json.ts';
import { Toasts } from './toasts.svelte.ts';

const keyOf = (letter: string) => letter.repeat(64);
const marks = {
	...nothingSaved,
	marks: [{ target: 1, revision: 1, time: 0, prompts: [{ kind: 'point', x: 1, y: 2, positive: true }] }]
} satisfies PromptingJSON;

const idle = { won: () => {}, leaving: async () => {}, lost: () => {} };

let count = 0;

async function setUp(change: Partial<LibraryParts> = {}) {
	const database = openDatabase(`library-${count++}`);
	const locks = new FakeLocks();
	const tab = locks.tab();
	const holds = new FileHolds(tab);
	const sessions = new Sessions(database, holds);
	const files = new Files(database, undefined, holds);
	const toasts = new Toasts();
	const results = new KeptResults(new Results(database, files));
	const jobs: Job[] = [];
	const told: unknown[] = [];
	const quota = { usage: { usage: 10, quota: 100, persisted: false }, agrees: true };
	const library = new Library(
		{
			...{ sessions, files, results, toasts },
			jobs: { all: jobs, get: (id) => jobs.find((job) => job.id === id) },
			connection: { status: 'online' },
			api: { clip: async () => undefined },
			tell: (error) => void told.push(error),
			...change
		},
		{
			usage: async () => quota.usage,
			persist: async () => {
				quota.usage = { ...quota.usage, persisted: quota.agrees };
				return quota.agrees;
			},
			lock: (id) => new SessionLock(id, idle, tab)
		}
	);
	const save = async (changes: readonly Partial<SavedSession>[]) => {
		for (const [index, each] of changes.entries()) {
			await sessions.put(someSaved({ id: `s${index + 1}`, updated: index, ...each }));
		}
		await library.load();
	};
	const keep = async (letter: string, bytes: number) => {
		const job = someJob({ id: letter, key: keyOf(letter), state: 'done' });
		await results.keep(job, new Map([['alpha', new Blob([new Uint8Array(bytes)])]]));
		return job;
	};
	const entry = (name: string) => library.entries.find((entry) => entry.name === name)!;
	return { library, locks, sessions, files, results, toasts, jobs, told, quota, save, keep, entry };
}

const shown = (library: Library) => library.shown.map(({ name }) => name);

describe('the list', () => {
	const names = [
		{ name: 'clip10.mp4', bytes: 3, file: 'a' },
		{ name: 'clip9.mp4', bytes: 5, file: 'b' },
		{ name: 'Über.mov' }
	];

	test('is sorted by the last change, newest first, or as is asked', async () => {
		const { library, save } = await setUp();
		await save(names);
		expect(shown(library)).toEqual(['Über.mov', 'clip9.mp4', 'clip10.mp4']);
		library.sortBy('name');
		expect(shown(library)).toEqual(['clip9.mp4', 'clip10.mp4', 'Über.mov']);
		library.sortBy('name');
		expect(shown(library)).toEqual(['Über.mov', 'clip10.mp4', 'clip9.mp4']);
		library.sortBy('bytes');
		expect(shown(library)).toEqual(['clip9.mp4', 'clip10.mp4', 'Über.mov']);
	});

	test('is searched by words of title and file name, in any case', async () => {
		const { library, save } = await setUp();
		await save([...names, { name: 'take.mp4', title: 'Opening shot' }]);
		for (const [search, found] of [
			['CLIP', ['clip9.mp4', 'clip10.mp4']],
			['über', ['Über.mov']],
			['shot take', ['Opening shot']],
			['nothing', []],
			[' ', ['Opening shot', 'Über.mov', 'clip9.mp4', 'clip10.mp4']]
		] as const) {
			library.search = search;
			expect(shown(library)).toEqual(found);
		}
	});

	test('tells the marked from the untouched', async () => {
		const { library, sessions, save, entry } = await setUp();
		await sessions.put(someSaved({ id: 'm', name: 'marked' }), marks);
		await save([{ name: 'untouched' }]);
		await library.load();
		expect([entry('marked').state, entry('untouched').state]).toEqual(['marked', 'new']);
	});
});

describe('names', () => {
	test('a title is kept beside the file name, and goes when it is emptied', async () => {
		const { library, sessions, save, entry } = await setUp();
		await save([{ name: 'clip.mp4' }]);
		await library.rename(entry('clip.mp4'), '  Opening ');
		expect(await sessions.get('s1')).toMatchObject({ name: 'clip.mp4', title: 'Opening', updated: 0 });
		await library.rename(entry('Opening'), ' ');
		expect((await sessions.get('s1'))!.title).toBeUndefined();
		await library.rename(entry('clip.mp4'), 'clip.mp4');
		expect((await sessions.get('s1'))!.title).toBeUndefined();
	});

	test('every copy has a name of its own, and the marks of the original', async () => {
		const { library, sessions, entry } = await setUp();
		await sessions.put(someSaved({ name: 'clip.mp4' }), marks);
		await library.load();
		for (let copy = 0; copy < 3; copy++) await library.duplicate(entry('clip.mp4'));
		expect(shown(library).toSorted()).toEqual([
			'clip.mp4',
			'clip.mp4 copy',
			'clip.mp4 copy 2',
			'clip.mp4 copy 3'
		]);
		expect(await sessions.prompts(entry('clip.mp4 copy').session.id)).toEqual(marks);
	});
});

describe('deleting', () => {
	beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
	afterEach(() => void vi.useRealTimers());

	async function withClip() {
		const parts = await setUp();
		const file = await parts.files.put(new Blob(['clip']));
		await parts.keep('b', 7);
		await parts.sessions.put(someSaved({ file, results: [keyOf('b')] }), marks);
		await parts.sessions.setThumbnail('s1', new Blob(['picture']));
		await parts.library.load();
		return { ...parts, file };
	}

	test('can be undone while it is told of, with nothing lost', async () => {
		const { library, sessions, files, results, toasts, entry, file } = await withClip();
		await library.remove(entry('clip.mp4'));
		expect(shown(library)).toEqual([]);
		expect(toasts.list[0]!.text()).toContain('clip.mp4');
		toasts.act();
		await vi.waitFor(() => expect(shown(library)).toEqual(['clip.mp4']));
		expect(await sessions.prompts('s1')).toEqual(marks);
		expect((await sessions.thumbnail('s1'))!.size).toBe(7);
		expect((await files.get(file))!.size).toBe(4);
		expect(results.get(keyOf('b'))!.bytes).toBe(7);
	});

	test('is final when the message goes: clip and results go too', async () => {
		const { library, results, toasts, told, entry, file, files } = await withClip();
		await library.remove(entry('clip.mp4'));
		vi.advanceTimersByTime(60_000);
		expect(toasts.list).toEqual([]);
		await vi.waitFor(async () => expect(await files.get(file)).toBeUndefined());
		await vi.waitFor(() => expect(results.all).toEqual([]));
		expect(told).toEqual([]);
	});

	test('leaves what a copy shares', async () => {
		const { library, results, entry, file, files } = await withClip();
		await library.duplicate(entry('clip.mp4'));
		const swept = vi.spyOn(files, 'sweep');
		await library.remove(entry('clip.mp4'));
		vi.advanceTimersByTime(60_000);
		await vi.waitFor(() => expect(swept).toHaveResolved());
		expect((await files.get(file))!.size).toBe(4);
		expect(results.all).toHaveLength(1);
	});
});

describe('making room', () => {
	test('chooses the results used longest ago, as many as are needed, and names whose they are', async () => {
		const { library, save, keep } = await setUp();
		const now = vi.spyOn(Date, 'now');
		for (const [index, letter] of ['c', 'a', 'b'].entries()) {
			now.mockReturnValue(index);
			await keep(letter, 100);
		}
		now.mockRestore();
		await save([
			{ name: 'one', results: [keyOf('a')] },
			{ name: 'two', results: [keyOf('a'), keyOf('b')] }
		]);
		expect(library.removable.map(({ sessions }) => sessions)).toEqual([[], ['two', 'one'], ['two']]);
		expect(library.oldest(1)).toEqual([keyOf('c')]);
		expect(library.oldest(101)).toEqual([keyOf('c'), keyOf('a')]);
		expect(library.oldest(Infinity)).toHaveLength(3);
	});

	test('takes results only: marks and clip stay, and the session says where the result is', async () => {
		const { library, sessions, jobs, keep, entry } = await setUp();
		jobs.push(await keep('a', 100));
		await sessions.put(someSaved({ results: [keyOf('a')], file: 'f' }), marks);
		await library.load();
		expect(entry('clip.mp4')).toMatchObject({ result: 'both', bytes: 104 });
		await library.removeResults(library.oldest(1));
		expect(entry('clip.mp4')).toMatchObject({ result: 'only-server', state: 'done', bytes: 4 });
		expect(await sessions.prompts('s1')).toEqual(marks);
	});
});

describe('the browser and the server', () => {
	test('the browser is asked to keep everything; that it does not agree is told', async () => {
		const { library, toasts, quota, save } = await setUp();
		await save([]);
		expect(library.usage).toEqual({ usage: 10, quota: 100, persisted: false });
		quota.agrees = false;
		await library.persist();
		expect(toasts.list).toHaveLength(1);
		quota.agrees = true;
		await library.persist();
		expect(library.usage!.persisted).toBe(true);
	});

	test('the server is asked once for each clip that none of its jobs names', async () => {
		const asked: string[] = [];
		const clip = async (hash: string) => {
			asked.push(hash);
			return hash === keyOf('1') ? someClip : undefined;
		};
		const { library, jobs, save, entry } = await setUp({ api: { clip } });
		jobs.push(someJob({ clip: keyOf('3') }));
		await save([
			{ name: 'there', uploaded: true, hash: keyOf('1'), file: 'f' },
			{ name: 'there too', uploaded: true, hash: keyOf('1') },
			{ name: 'lost', uploaded: true, hash: keyOf('2'), file: 'f' },
			{ name: 'of a job', uploaded: true, hash: keyOf('3') },
			{ name: 'never sent', hash: keyOf('4'), file: 'f' }
		]);
		expect(entry('there').clip).toBe('here');
		await library.askForClips();
		expect(asked.toSorted()).toEqual([keyOf('1'), keyOf('2')]);
		expect(library.entries.map(({ name, clip }) => [name, clip])).toEqual([
			['never sent', 'only-here'],
			['of a job', 'only-server'],
			['lost', 'server-lost'],
			['there too', 'only-server'],
			['there', 'both']
		]);
	});

	test('a server that does not answer leaves it unknown', async () => {
		const clip = () => Promise.reject(new CodedError('server-away'));
		const { library, save, told, entry } = await setUp({ api: { clip } });
		await save([{ name: 'sent', uploaded: true, hash: keyOf('1') }]);
		await library.askForClips();
		expect(entry('sent').clip).toBe('last-seen');
		expect(told).toEqual([]);
	});
});

test('what another tab has open is neither renamed nor deleted, and that is told', async () => {
	const { library, locks, save, told, entry } = await setUp();
	await save([{ name: 'clip.mp4' }]);
	const other = new SessionLock('s1', idle, locks.tab());
	await other.open();
	await library.rename(entry('clip.mp4'), 'Opening');
	await library.remove(entry('clip.mp4'));
	expect(told).toMatchObject([{ code: 'session-elsewhere' }, { code: 'session-elsewhere' }]);
	expect(shown(library)).toEqual(['clip.mp4']);
	await other.close();
	await library.rename(entry('clip.mp4'), 'Opening');
	expect(shown(library)).toEqual(['Opening']);
});

test('what goes wrong is told, and the list stays', async () => {
	const { library, sessions, save, told, entry } = await setUp();
	await save([{ name: 'one' }]);
	vi.spyOn(sessions, 'list').mockRejectedValue(new CodedError('storage-refused'));
	await library.load();
	expect(told).toHaveLength(1);
	await library.remove(entry('one'));
	expect(shown(library)).toEqual(['one']);
});
