import { mkdtemp, open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Mask } from '../../models/frame.ts';
import { MasksFile } from './masks-file.ts';

type Transfer = (
	this: FileHandle,
	bytes: Uint8Array,
	offset: number,
	length: number,
	position: number | null
) => Promise<unknown>;

const facts = {
	...{ width: 4, height: 1, clipFrames: 9 },
	...({ segmenter: 'classic', revision: '1', provider: 'cpu', standIn: false } as const)
};

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-masks-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A mask of a row with so many pixels of the target at its left. */
function mask(pixels: number): Mask {
	return { width: 4, height: 1, data: new Uint8Array(4).fill(255, 0, Math.max(0, pixels)) };
}

async function lines(): Promise<unknown[]> {
	const text = await readFile(join(folder, 'clip_masks.jsonl'), 'utf8');
	expect(text.endsWith('\n')).toBe(true);
	return text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as unknown);
}

it('holds the frames in order, however they were tracked', async () => {
	const file = await MasksFile.open(folder, 'clip');
	for (const index of [3, 4, 5, 2, 1])
		await file.write({ index, masks: new Map([[7, mask(index - 2)]]) }, index / 10);
	const result = await file.finish(facts);
	expect(await lines()).toEqual([
		{
			...{ format: 'splazmatte-masks', version: 1, ...facts },
			...{ frames: 5, targets: [{ id: 7, frames: 3 }] }
		},
		{ frame: 1, time: 0.1, masks: {} },
		{ frame: 2, time: 0.2, masks: {} },
		{ frame: 3, time: 0.3, masks: { 7: [0, 1, 3] } },
		{ frame: 4, time: 0.4, masks: { 7: [0, 2, 2] } },
		{ frame: 5, time: 0.5, masks: { 7: [0, 3, 1] } }
	]);
	expect(await readdir(folder)).toEqual(['clip_masks.jsonl']);
	const bytes = (await readFile(join(folder, 'clip_masks.jsonl'))).length;
	expect(result).toEqual({ kind: 'masks', file: 'clip_masks.jsonl', bytes, mime: 'application/jsonl' });
});

it('holds the frames before the first keyframe alone when only these were wanted', async () => {
	const file = await MasksFile.open(folder, 'clip');
	for (const index of [2, 1, 0]) await file.write({ index, masks: new Map() }, index);
	await file.finish(facts);
	expect((await lines()).slice(1)).toMatchObject([{ frame: 0 }, { frame: 1 }, { frame: 2 }]);
});

it('is whole also where the system writes and reads less at a time than it is given', async () => {
	const file = await MasksFile.open(folder, 'clip');
	const handle = await open(join(folder, 'probe'), 'w');
	const methods = Object.getPrototypeOf(handle) as typeof handle;
	await handle.close();
	await rm(join(folder, 'probe'));
	const [write, read] = [methods.write, methods.read] as unknown as Transfer[];
	const half = (transfer: Transfer) =>
		function (this: FileHandle, bytes: Uint8Array, offset = 0, length = bytes.length, position = null) {
			return transfer.call(this, bytes, offset, Math.ceil(length / 2), position);
		};
	vi.spyOn(methods, 'write').mockImplementation(half(write!) as typeof handle.write);
	vi.spyOn(methods, 'read').mockImplementation(half(read!) as typeof handle.read);
	try {
		for (const index of [1, 2, 0]) await file.write({ index, masks: new Map([[7, mask(2)]]) }, index);
		await file.finish(facts);
	} finally {
		vi.restoreAllMocks();
	}
	expect((await lines()).slice(1)).toMatchObject([{ frame: 0 }, { frame: 1 }, { frame: 2 }]);
});

it('leaves nothing behind when it is given up', async () => {
	const file = await MasksFile.open(folder, 'clip');
	await file.write({ index: 0, masks: new Map() }, 0);
	await file.abort();
	expect(await readdir(folder)).toEqual([]);
});
