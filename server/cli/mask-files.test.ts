import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MaskFolders } from './mask-files.ts';

const size = { width: 2, height: 1 };
const mask = { ...size, data: new Uint8Array([255, 0]) };

let directory: string;
const at = (...path: string[]) => join(directory, ...path);
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'splazmatte-mask-files-'))));
afterEach(() => rm(directory, { recursive: true }));

async function write(index: number): Promise<MaskFolders> {
	const folders = await MaskFolders.open(size, { directory, name: 'clip' });
	await folders.write({ index, masks: new Map([[1, mask]]) });
	return folders;
}

describe('the folder of masks', () => {
	it('takes the place of one that was written before', async () => {
		await (await write(0)).finish();
		await (await write(7)).finish();
		expect(await readdir(directory)).toEqual(['clip_masks']);
		expect(await readdir(at('clip_masks/1'))).toEqual(['000007.png']);
	});

	it.each(['notes.txt', '1/000000.psd', '1/older/000000.png', 'cat/000000.png'])(
		'is refused where %s would be lost',
		async (file) => {
			await mkdir(at('clip_masks', file, '..'), { recursive: true });
			await writeFile(at('clip_masks', file), 'by hand');
			const path = at('clip_masks', file.replace(/^cat.*/, 'cat').replace('older/000000.png', 'older'));
			await expect(write(0)).rejects.toMatchObject({ code: 'masks-foreign', params: { file: path } });
			expect(await readdir(directory)).toEqual(['clip_masks']);
			expect(await readFile(at('clip_masks', file), 'utf8')).toBe('by hand');
		}
	);

	it('is refused where a file or an unfinished folder of that name is the user’s', async () => {
		await writeFile(at('clip_masks'), 'by hand');
		await expect(write(0)).rejects.toMatchObject({ code: 'masks-foreign' });
		await rm(at('clip_masks'));
		await mkdir(at('clip_masks.part/mine'), { recursive: true });
		await expect(write(0)).rejects.toMatchObject({ code: 'masks-foreign' });
		expect(await readdir(directory)).toEqual(['clip_masks.part']);
	});

	it('leaves what came into the other in the meantime', async () => {
		await (await write(0)).finish();
		const folders = await write(1);
		await writeFile(at('clip_masks/notes.txt'), 'by hand');
		await expect(folders.finish()).rejects.toMatchObject({ code: 'masks-foreign' });
		await folders.abort();
		expect(await readdir(directory)).toEqual(['clip_masks']);
		expect((await readdir(at('clip_masks'))).sort()).toEqual(['1', 'notes.txt']);
	});

	it('leaves the other as it was where it cannot take its place, and nothing of that is lost later', async () => {
		await (await write(0)).finish();
		const folders = await write(1);
		await rm(at('clip_masks.part'), { recursive: true });
		await expect(folders.finish()).rejects.toThrow('ENOENT');
		await folders.abort();
		expect(await readdir(directory)).toEqual(['clip_masks']);
		expect(await readdir(at('clip_masks/1'))).toEqual(['000000.png']);
	});
});
