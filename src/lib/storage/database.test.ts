import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeFileHandle, FakePrivateStorage } from '$lib/testing/fake-private-storage.ts';
import { openDatabase, type Database } from './database.ts';
import { Files } from './files.ts';
import { migrations } from './migrations.ts';

let number = 0;
const newName = () => `database-${number++}`;

const mask = { width: 4, height: 2, counts: [3, 2, 3] };
const prompts = {
	version: 1,
	frames: [{ time: 0.04, prompts: [{ kind: 'point', x: 1, y: 1, positive: true }], mask }]
};
/** The same today. */
const present = {
	version: 2,
	targets: [{ id: 1, colour: 1, on: true }],
	marks: [{ target: 1, revision: 1, ...prompts.frames[0] }],
	searches: [],
	last: { target: 1, revision: 1 }
};
/** A session as version 1 has saved it. */
const session = (id: string) => ({
	id,
	name: `${id}.mp4`,
	bytes: 4,
	hash: 'a'.repeat(64),
	uploaded: false,
	engine: 'classic',
	options: { edgeRadius: 10, grow: 0, feather: 0, gamma: 1 },
	outputs: ['alpha', 'foreground'],
	jobs: ['j1'],
	created: 1,
	updated: 2
});

/** A database of version 1, as that made it. */
async function saveVersion1(name: string, sessions: object[], clips: Record<string, Blob> = {}) {
	const database = await openDB(name, 1, {
		upgrade(database) {
			database.createObjectStore('sessions', { keyPath: 'id' }).createIndex('updated', 'updated');
			database.createObjectStore('files');
		}
	});
	for (const session of sessions) await database.put('sessions', session);
	for (const [id, clip] of Object.entries(clips)) await database.put('files', clip, id);
	database.close();
}

async function privateStorage(contents: Record<string, string>): Promise<FakePrivateStorage> {
	vi.stubGlobal('FileSystemFileHandle', FakeFileHandle);
	const storage = new FakePrivateStorage();
	for (const [path, text] of Object.entries(contents)) storage.set(path, text);
	return storage;
}

const readText = async (database: Database, id: string, storage?: FakePrivateStorage) =>
	(await new Files(Promise.resolve(database), storage).get(id))?.text();

afterEach(() => vi.unstubAllGlobals());

describe('openDatabase', () => {
	it('makes an empty database', async () => {
		const database = await openDatabase(newName());
		expect(database.version).toBe(3);
		expect([...database.objectStoreNames]).toEqual([
			...['files', 'prompts', 'results', 'sessions', 'thumbnails', 'tracked']
		]);
		expect(await database.getAllFromIndex('results', 'used')).toEqual([]);
	});

	it('takes over sessions of version 1 and puts their prompts beside them', async () => {
		const name = newName();
		await saveVersion1(name, [{ ...session('marked'), prompts }, session('bare')]);
		const database = await openDatabase(name);
		expect(await database.getAllFromIndex('sessions', 'updated')).toEqual([
			{ ...session('bare'), results: [] },
			{ ...session('marked'), results: [] }
		]);
		expect(await database.getAllKeys('prompts')).toEqual(['marked']);
		expect(await database.get('prompts', 'marked')).toEqual(present);
	});

	it('makes what version 2 has kept of one target a target by name', async () => {
		const name = newName();
		const old = await openDB(name, 2, {
			async upgrade(database, _from, _to, transaction) {
				for (const migrate of migrations.slice(0, 2)) await migrate(database, transaction, new Map());
			}
		});
		await old.put('sessions', { ...session('s1'), results: [] });
		await old.put('prompts', prompts, 's1');
		await old.put('thumbnails', 'picture', 's1');
		old.close();
		const database = await openDatabase(name);
		expect(await database.get('prompts', 's1')).toEqual(present);
		expect(await database.get('thumbnails', 's1')).toBe('picture');
		expect(await database.count('sessions')).toBe(1);
		expect(await database.count('tracked')).toBe(0);
	});

	it('takes over clips that version 1 kept in the database, where they are whole', async () => {
		const name = newName();
		const clips = { whole: new Blob(['clip']), half: new Blob(['cl']), nobodys: new Blob(['clip']) };
		await saveVersion1(name, [session('whole'), session('half'), session('none')], clips);
		const database = await openDatabase(name);
		const { file } = (await database.get('sessions', 'whole'))!;
		expect(await readText(database, file!)).toBe('clip');
		expect((await database.get('sessions', 'half'))?.file).toBeUndefined();
		expect((await database.get('sessions', 'none'))?.file).toBeUndefined();
		expect(await database.getAllKeys('files')).toEqual([file]);
	});

	it('takes over clips that version 1 kept in the private file system, where they are whole', async () => {
		const name = newName();
		const storage = await privateStorage({
			'clips/whole': 'clip',
			'clips/half': '',
			'clips/nobodys': 'clip'
		});
		await saveVersion1(name, [session('whole'), session('half'), session('none')]);
		const database = await openDatabase(name, { storage });
		const { file } = (await database.get('sessions', 'whole'))!;
		expect(await readText(database, file!, storage)).toBe('clip');
		expect((await database.get('sessions', 'half'))?.file).toBeUndefined();
		expect(await database.getAllKeys('files')).toEqual([file]);
	});

	it('leaves version 1 as it was when there is no room for the present one', async () => {
		const name = newName();
		await saveVersion1(name, [{ ...session('marked'), prompts }], { marked: new Blob(['clip']) });
		const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
			throw new DOMException('', 'QuotaExceededError');
		});
		await expect(openDatabase(name)).rejects.toMatchObject({ code: 'storage-full' });
		put.mockRestore();
		const database = await openDatabase(name);
		expect(await database.get('prompts', 'marked')).toEqual(present);
		expect(await readText(database, (await database.get('sessions', 'marked'))!.file!)).toBe('clip');
	});

	it('does not touch the database of a newer version', async () => {
		const name = newName();
		const newer = await openDB(name, 99, { upgrade: (database) => void database.createObjectStore('new') });
		await newer.put('new', 'value', 'key');
		newer.close();
		await expect(openDatabase(name)).rejects.toMatchObject({ code: 'storage-newer' });
		const again = await openDB(name, 99);
		expect(await again.get('new', 'key')).toBe('value');
	});

	it('makes way for a newer version in another tab, and says so', async () => {
		const name = newName();
		const superseded = vi.fn();
		await openDatabase(name, { superseded });
		(await openDB(name, 99)).close();
		expect(superseded).toHaveBeenCalledOnce();
	});

	it('says when the browser keeps nothing', async () => {
		vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
			throw new DOMException('', 'SecurityError');
		});
		await expect(openDatabase(newName())).rejects.toMatchObject({ code: 'storage-refused' });
	});
});
