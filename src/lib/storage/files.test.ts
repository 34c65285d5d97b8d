import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeLocks } from '$lib/testing/fake-locks.ts';
import { FakeFileHandle, FakePrivateStorage } from '$lib/testing/fake-private-storage.ts';
import { someSaved } from '$lib/testing/fakes.ts';
import { openDatabase } from './database.ts';
import { FileHolds } from './file-holds.ts';
import { Files } from './files.ts';

let number = 0;
/** One browser, in which tabs can be opened and killed. */
function setup({ writable = true } = {}) {
	if (writable) vi.stubGlobal('FileSystemFileHandle', FakeFileHandle);
	const storage = new FakePrivateStorage();
	const locks = new FakeLocks();
	const database = openDatabase(`files-${number++}`, { storage });
	const tab = () => {
		const tabLocks = locks.tab();
		return { files: new Files(database, storage, new FileHolds(tabLocks)), kill: () => tabLocks.kill() };
	};
	const refer = async (file: string) => (await database).put('sessions', someSaved({ id: file, file }));
	const recorded = async () => (await database).getAllKeys('files');
	return { storage, database, tab, refer, recorded };
}

/** A file that is never written to its end. */
function endless(): Blob {
	const blob = new Blob(['clip']);
	vi.spyOn(blob, 'stream').mockReturnValue(new ReadableStream({ pull: () => new Promise(() => {}) }));
	return blob;
}

function refusePut(of: string, name = 'QuotaExceededError') {
	const put = IDBObjectStore.prototype.put;
	return vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
		this: IDBObjectStore,
		...given
	) {
		if (this.name === of) throw new DOMException('', name);
		return put.apply(this, given);
	});
}

afterEach(() => {
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

describe.each([
	['in the private file system', true],
	['in the database', false]
])('Files %s', (_, writable) => {
	it('gives back what was put, under an id of its own', async () => {
		const { tab, storage } = setup({ writable });
		const { files } = tab();
		const [a, b] = [await files.put(new Blob(['clip'])), await files.put(new Blob(['clip two']))];
		expect(await (await files.get(a))?.text()).toBe('clip');
		expect(await (await files.get(b))?.text()).toBe('clip two');
		expect(await files.get('none')).toBeUndefined();
		expect(storage.files.size).toBe(writable ? 2 : 0);
	});

	it('forgets what is removed', async () => {
		const { tab, storage, recorded } = setup({ writable });
		const { files } = tab();
		const id = await files.put(new Blob(['clip']));
		await files.remove(id);
		expect(await files.get(id)).toBeUndefined();
		expect(await recorded()).toEqual([]);
		expect(storage.usage).toBe(0);
	});

	it('says that there is no room when not even the record can be written, and leaves nothing', async () => {
		const { tab, storage } = setup({ writable });
		const { files } = tab();
		const before = await files.put(new Blob(['whole']));
		refusePut('files');
		await expect(files.put(new Blob(['clip']))).rejects.toMatchObject({ code: 'storage-full' });
		expect(storage.files.size).toBe(writable ? 1 : 0);
		expect(await (await files.get(before))?.text()).toBe('whole');
	});

	it('sweeps what nothing refers to any more', async () => {
		const { tab, refer, recorded } = setup({ writable });
		const first = tab();
		const [used, unused] = [await first.files.put(new Blob(['a'])), await first.files.put(new Blob(['b']))];
		await refer(used);
		first.kill();
		const { files } = tab();
		await files.sweep();
		expect(await recorded()).toEqual([used]);
		expect(await files.get(unused)).toBeUndefined();
		expect(await (await files.get(used))?.text()).toBe('a');
	});

	it('sweeps no file of a tab that has not yet said what it is for', async () => {
		const { tab, refer, recorded } = setup({ writable });
		const [one, two] = [tab(), tab()];
		const id = await one.files.put(new Blob(['clip']));
		await two.files.sweep();
		await one.files.sweep();
		expect(await recorded()).toEqual([id]);
		await refer(id);
		await two.files.sweep();
		expect(await recorded()).toEqual([id]);
	});
});

describe('Files of a few MB of room', () => {
	it('keeps what is whole and leaves nothing of what does not fit', async () => {
		const { tab, storage, recorded } = setup();
		const { files } = tab();
		storage.quota = 3 * 2 ** 20;
		const mega = (count: number) => new Blob([new Uint8Array(count * 2 ** 20)]);
		const kept = await files.put(mega(2));
		await expect(files.put(mega(2))).rejects.toMatchObject({ code: 'storage-full' });
		expect(await recorded()).toEqual([kept]);
		expect([...storage.files.keys()]).toEqual([kept]);
		expect((await files.get(kept))?.size).toBe(2 * 2 ** 20);
		const small = await files.put(mega(1));
		expect((await files.get(small))?.size).toBe(2 ** 20);
	});
});

describe('Files when a tab is killed', () => {
	it('sweeps what was half-written, but not while it is being written', async () => {
		const { tab, storage, recorded } = setup();
		const [writer, other] = [tab(), tab()];
		void writer.files.put(endless());
		await vi.waitFor(() => expect(storage.files.size).toBe(2));
		await other.files.sweep();
		expect(storage.files.size).toBe(2);
		writer.kill();
		await other.files.sweep();
		expect(storage.files.size).toBe(0);
		expect(await recorded()).toEqual([]);
	});

	it('sweeps a file that was whole before its record was written', async () => {
		const { tab, storage } = setup();
		const { files } = tab();
		storage.set('files/orphan', 'clip');
		expect(await files.get('files/orphan')).toBeUndefined();
		await files.sweep();
		expect(storage.files.size).toBe(0);
	});

	it('sweeps the clips that version 1 left half-written, and keeps the others', async () => {
		const { tab, storage, database, refer } = setup();
		storage.set('clips/whole', 'clip');
		storage.set('clips/half', '');
		await (await database).put('files', { id: 'clips/whole', bytes: 4 }, 'clips/whole');
		await refer('clips/whole');
		const { files } = tab();
		await files.sweep();
		expect([...storage.files.keys()]).toEqual(['clips/whole']);
		expect(await (await files.get('clips/whole'))?.text()).toBe('clip');
	});

	it('gives no file of which the browser has lost bytes', async () => {
		const { tab, storage } = setup();
		const { files } = tab();
		const id = await files.put(new Blob(['clip']));
		storage.set(id, 'cl');
		expect(await files.get(id)).toBeUndefined();
	});
});

it('removes nothing where the browser does not tell what other tabs hold', async () => {
	const database = openDatabase(`files-${number++}`);
	const files = new Files(database, undefined, new FileHolds(undefined));
	const id = await files.put(new Blob(['clip']));
	await files.sweep();
	expect(await (await files.get(id))?.text()).toBe('clip');
});
