import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Alpha } from '../../models/frame.ts';
import { keepMask } from '../../models/tracking.ts';
import { describeFailure } from '../failure.ts';
import { UnfinishedWork } from './unfinished.ts';

const disk = vi.hoisted(() => ({ full: false }));
vi.mock('node:fs/promises', async (original) => {
	const real = await original<typeof files>();
	return {
		...real,
		async open(...args: Parameters<typeof real.open>) {
			const file = await real.open(...args);
			if (!disk.full) return file;
			file.writeFile = () =>
				Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
			return file;
		}
	};
});

const size = { width: 5, height: 3 };
const making = { key: 'this', frames: 6, ...size };

let root: string;
let folder: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'splazmatte-unfinished-'));
	folder = join(root, 'unfinished');
});
afterEach(() => rm(root, { recursive: true }));

const alphaOf = (index: number): Alpha => ({ ...size, data: new Uint8Array(15).fill(10 + index) });

/** Does as a matter that resumes: alphas, and a checkpoint before frames 2 and 4. */
async function workUpTo(frames: number): Promise<void> {
	const work = await UnfinishedWork.open(folder, making);
	for (let index = work.frames; index < frames; index++) {
		if (index === 2 || index === 4) await work.keep({ frames: index, state: Uint8Array.of(index) });
		await work.write(index, alphaOf(index));
	}
}

it('begins with nothing, and goes on behind the last checkpoint whose alphas are all there', async () => {
	expect(await UnfinishedWork.frames(folder)).toBe(0);
	const begun = await UnfinishedWork.open(folder, making);
	expect(begun).toMatchObject({ frames: 0, from: undefined });
	await workUpTo(5);
	expect(await UnfinishedWork.frames(folder)).toBe(4);
	const work = await UnfinishedWork.open(folder, making);
	expect(work.frames).toBe(4);
	expect([...work.from!.state]).toEqual([4]);
	expect(await work.read(3)).toEqual(alphaOf(3));
	expect((await readdir(folder)).filter((name) => name.endsWith('.alpha'))).toHaveLength(4);
});

it('goes on at the last checkpoint when all alphas are there, too: only the matter tells whether it worked smaller', async () => {
	await workUpTo(6);
	expect(await UnfinishedWork.frames(folder)).toBe(4);
	const work = await UnfinishedWork.open(folder, making);
	expect(work.frames).toBe(4);
	expect([...work.from!.state]).toEqual([4]);
});

it.each(['key', 'frames', 'width', 'height'] as const)('forgets work of another %s', async (name) => {
	await workUpTo(5);
	const other = { ...making, [name]: name === 'key' ? 'other' : 7 };
	expect((await UnfinishedWork.open(folder, other)).frames).toBe(0);
	expect(await readdir(folder)).toEqual(['making.json']);
});

it('goes back to the checkpoint before what is damaged, and removes it', async () => {
	await workUpTo(5);
	await writeFile(join(folder, '000003.alpha'), 'no alpha');
	await writeFile(join(folder, '.some.draft'), 'half');
	const work = await UnfinishedWork.open(folder, making);
	expect(work.frames).toBe(2);
	expect((await readdir(folder)).sort()).toEqual([
		'000000.alpha',
		'000001.alpha',
		'000002.checkpoint',
		'making.json'
	]);
});

/** Changes a file's last byte, as a disk that fails does. */
async function damage(name: string): Promise<void> {
	const bytes = await readFile(join(folder, name));
	bytes[bytes.length - 1]! ^= 1;
	await writeFile(join(folder, name), bytes);
}

it('goes back to the checkpoint before one that is damaged, or begins anew', async () => {
	await workUpTo(5);
	await damage('000004.checkpoint');
	const work = await UnfinishedWork.open(folder, making);
	expect(work.frames).toBe(2);
	expect([...work.from!.state]).toEqual([2]);
	await damage('000002.checkpoint');
	expect(await UnfinishedWork.open(folder, making)).toMatchObject({ frames: 0, from: undefined });
	expect(await readdir(folder)).toEqual(['making.json']);
});

it('keeps the checkpoint that it went on from until another has its alphas', async () => {
	await workUpTo(5);
	const work = await UnfinishedWork.open(folder, making);
	await work.keep(work.from!);
	await work.keep({ frames: 5, state: Uint8Array.of(5) });
	expect(await UnfinishedWork.frames(folder)).toBe(4);
});

it('sees that one bit of an alpha is wrong', async () => {
	await workUpTo(5);
	await damage('000003.alpha');
	expect((await UnfinishedWork.open(folder, making)).frames).toBe(2);
});

it('keeps tracked masks, and what tracked them', async () => {
	const work = await UnfinishedWork.open(folder, making);
	expect(await work.masks()).toBeUndefined();
	const run = { segmenter: 'sam3', provider: 'cuda', precision: 'float16', standIn: false } as const;
	const mask = { ...size, counts: [4, 2, 9] };
	await work.keepMasks({ run, masks: new Map([[2, keepMask(mask)]]) });
	const kept = await (await UnfinishedWork.open(folder, making)).masks();
	expect(kept!.run).toEqual(run);
	expect([...kept!.masks].map(([index, known]) => [index, known.open()])).toEqual([[2, mask]]);
	await damage('tracked.masks');
	expect(await work.masks()).toBeUndefined();
});

it('says that the disk is full, and leaves nothing that is not whole', async () => {
	await workUpTo(5);
	const work = await UnfinishedWork.open(folder, making);
	const before = await readdir(folder);
	disk.full = true;
	const failure = await work.write(4, alphaOf(4)).catch(describeFailure);
	disk.full = false;
	expect(failure).toMatchObject({ error: { code: 'disk-full' } });
	expect(await readdir(folder)).toEqual(before);
	expect((await UnfinishedWork.open(folder, making)).frames).toBe(4);
});
