import { makeZip } from 'client-zip';
import { describe, expect, it, vi } from 'vitest';
import type { Media } from '$lib/state/player.svelte.ts';
import { encodeGreyPng } from '$models/png.ts';
import { appError } from '$protocol/errors.ts';
import { openMasks } from './source.ts';

const png = (value: number) => encodeGreyPng({ width: 2, height: 1, data: Uint8Array.of(value, 0) });
const file = async (name: string, blob: Blob | Promise<Blob> = png(255), folder?: string) => {
	const made = new File([await blob], name);
	if (folder) Object.defineProperty(made, 'webkitRelativePath', { value: `${folder}/${name}` });
	return made;
};
const zip = async (paths: readonly string[]) =>
	new Response(
		makeZip(await Promise.all(paths.map(async (name, i) => ({ name, input: await png(100 + i) }))))
	).blob();
const noMedia = (): Media => {
	throw new Error('no video');
};
/** The first pixel of every picture, in order, by sequence. */
async function read(files: readonly File[]) {
	const source = await openMasks(files, noMedia);
	const read = source.sequences.map(async ({ name, pictures }) => {
		const planes = await Promise.all(pictures.map(async ({ file }) => source.read(file)));
		return [name, ...planes.map(({ brightness }) => brightness.data[0])];
	});
	return { name: source.name, sequences: await Promise.all(read) };
}

describe('what masks are read from', () => {
	it('is pictures, in the order of their numbers, whatever else was chosen with them', async () => {
		const files = [
			file('m_10.png', png(10)),
			file('m_9.png', png(9)),
			file('notes.txt', new Blob(['hello']))
		];
		expect(await read(await Promise.all(files))).toEqual({
			...{ name: 'm_10.png', sequences: [['m', 9, 10]] }
		});
	});

	it('is a folder, by whose name it is known', async () => {
		const files = [file('1.png', png(1), 'dog'), file('2.png', png(2), 'dog')];
		expect(await read(await Promise.all(files))).toEqual({ name: 'dog', sequences: [['dog', 1, 2]] });
	});

	it('is a zip of pictures, in folders or not', async () => {
		const packed = await file(
			'all.zip',
			zip(['all/b/1.png', 'all/a/7.png', 'all/a/8.png', 'all/readme.txt'])
		);
		expect(await read([packed])).toEqual({
			name: 'all.zip',
			sequences: [
				['a', 101, 102],
				['b', 100]
			]
		});
	});

	it('is refused by its name where there are no pictures, or something is damaged', async () => {
		const absent = (name: string) => ({ code: 'masks-absent', params: { name } });
		const unreadable = (name: string) => ({ code: 'mask-unreadable', params: { name } });
		const empty = await file('none.zip', zip(['readme.txt']));
		await expect(openMasks([empty], noMedia)).rejects.toMatchObject(absent('none.zip'));
		await expect(openMasks([], noMedia)).rejects.toMatchObject(absent(''));
		const hidden = await file('hidden.zip', zip(['__MACOSX/._m.png', 'm/._m.png']));
		await expect(openMasks([hidden], noMedia)).rejects.toMatchObject(absent('hidden.zip'));
		const texts = [await file('a.txt', undefined, 'texts'), await file('b.txt', undefined, 'texts')];
		await expect(openMasks(texts, noMedia)).rejects.toMatchObject(absent('texts'));
		const broken = await file('broken.zip', new Blob(['PK and then nothing']));
		await expect(openMasks([broken], noMedia)).rejects.toMatchObject(unreadable('broken.zip'));
		const source = await openMasks([await file('m.png', new Blob(['no picture']))], noMedia);
		await expect(source.read(0)).rejects.toMatchObject(unreadable('m.png'));
	});

	it('is a video’s frames otherwise, which is let go of when it cannot be opened', async () => {
		const close = vi.fn();
		const media = (open: Media['open']): Media => ({
			...{ open, close, frame: vi.fn(), thumbnails: vi.fn() }
		});
		const meta = { times: Float64Array.of(0, 1, 2) } as unknown as Awaited<ReturnType<Media['open']>>;
		const video = await file('alpha.mp4', new Blob(['video']));
		const { sequences } = await openMasks([video], () => media(async () => meta));
		expect(sequences[0]!.pictures.map(({ place }) => place)).toEqual([0, 1, 2]);
		const refuse = async () => Promise.reject(appError('clip-not-video', { name: 'alpha.mp4' }));
		await expect(openMasks([video], () => media(refuse))).rejects.toMatchObject({ code: 'clip-not-video' });
		expect(close).toHaveBeenCalledOnce();
	});
});
