import { mkdtemp, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sha256Of } from '../testing/harness.ts';
import { FileHashes } from './file-hashes.ts';

let root: string;
let file: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-hashes-'));
	file = join(root, 'weights');
	await writeFile(file, 'one');
});
afterEach(() => rm(root, { recursive: true }));
const open = () => new FileHashes(join(root, 'cache/hashes.json'));

it('does not wait at a glance, and knows the hash once the file was read', async () => {
	const hashes = open();
	expect(await hashes.glance(file)).toBeUndefined();
	await vi.waitFor(async () => expect(await hashes.glance(file)).toBe(sha256Of('one')));
});

it('reads a file again only when it is another', async () => {
	const one = sha256Of('one');
	expect(await open().of(file)).toBe(one);
	expect(await open().glance(file)).toBe(one);
	await writeFile(file, 'two');
	await utimes(file, 1, 1);
	const hashes = open();
	expect(await hashes.glance(file)).toBeUndefined();
	expect(await hashes.of(file)).toBe(sha256Of('two'));
});

it('tells why a file cannot be read, and tries it again', async () => {
	const hashes = open();
	await rm(file);
	await mkdir(file);
	expect(await hashes.glance(file)).toBeUndefined();
	await vi.waitFor(() => expect(hashes.glance(file)).rejects.toMatchObject({ code: 'EISDIR' }));
	await rm(file, { recursive: true });
	await writeFile(file, 'one');
	expect(await hashes.of(file)).toBe(sha256Of('one'));
});
