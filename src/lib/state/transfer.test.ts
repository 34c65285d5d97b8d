import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openDatabase } from '$lib/storage/database.ts';
import { Files } from '$lib/storage/files.ts';
import { Results } from '$lib/storage/results.ts';
import { Sessions } from '$lib/storage/sessions.ts';
import { someSaved } from '$lib/testing/fakes.ts';
import { Transfer } from './transfer.svelte.ts';
import type { Hash } from './upload.svelte.ts';

const hash: Hash = async (file) =>
	createHash('sha256')
		.update(new Uint8Array(await file.arrayBuffer()))
		.digest('hex');

let count = 0;

async function setUp() {
	const database = openDatabase(`transfer-${count++}`);
	const [sessions, files] = [new Sessions(database), new Files(database)];
	const stores = { sessions, files, results: new Results(database) };
	const [saved, told]: [File[], unknown[]] = [[], []];
	const transfer = new Transfer({
		...{ stores, hash },
		program: '1.0.0',
		tell: (error) => void told.push(error),
		save: (file, name) => void saved.push(new File([file], name))
	});
	const file = await files.put(new Blob(['clip']));
	await sessions.put(someSaved({ title: 'Opening', file }));
	return { transfer, sessions, files, saved, told };
}

test('a session goes out with its clip, comes back as a second one, and says how far it is', async () => {
	const { transfer, sessions, files, saved, told } = await setUp();
	const exporting = transfer.export('s1', 'Opening', { clip: true });
	expect(transfer.running).toEqual({ kind: 'export', name: 'Opening' });
	await exporting;
	expect(transfer.running).toBeUndefined();
	expect(saved[0]!.name).toBe('Opening.splazmatte');
	const id = await transfer.import(saved[0]!);
	expect(transfer.share).toBe(1);
	const copy = (await sessions.get(id!))!;
	expect(copy).toMatchObject({ title: 'Opening', name: 'clip.mp4' });
	expect(await (await files.get(copy.file!))!.text()).toBe('clip');
	expect(await sessions.list()).toHaveLength(2);
	expect(told).toEqual([]);
});

test('a file that is no session is told of, and nothing is kept', async () => {
	const { transfer, sessions, told } = await setUp();
	expect(await transfer.import(new File(['no zip'], 'x.splazmatte'))).toBeUndefined();
	expect(told).toMatchObject([{ code: 'package-foreign' }]);
	expect(await sessions.list()).toHaveLength(1);
	expect(transfer.running).toBeUndefined();
});

test('what is given up is not told of, and one runs at a time', async () => {
	const { transfer, saved, told } = await setUp();
	const exporting = transfer.export('s1', 'Opening', { clip: true });
	await transfer.export('s1', 'Opening', { clip: false });
	transfer.cancel();
	await exporting;
	expect([saved, told]).toEqual([[], []]);
	await transfer.export('s1', 'Opening', { clip: false });
	expect(saved).toHaveLength(1);
});
