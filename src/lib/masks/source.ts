import { unzipRaw, type ZipEntry } from 'unzipit';
import type { Media } from '$lib/state/player.svelte.ts';
import { sequencesOf } from '$models/mask-sequence/names.ts';
import { readMaskPicture } from '$models/mask-sequence/files.ts';
import { planesOfRgba, type MaskPicture } from '$models/mask-sequence/picture.ts';
import type { MaskSource } from '$models/mask-sequence/read.ts';
import { appError } from '$protocol/errors.ts';
import { MediaClient } from '$workers/media/client.ts';

/** One picture that is read when it is asked for. */
interface PictureFile {
	/** With `/` between folders. */
	readonly path: string;
	readonly blob: () => Promise<Blob>;
}

/** Far more than a clip has frames, and a picture bytes. */
const limits = { entries: 100_000, bytes: 2 ** 29 };

const isPicture = (path: string) => /\.(png|exr|jpe?g|webp)$/i.test(path);
const isExact = (path: string) => /\.(png|exr)$/i.test(path);
const isZip = (path: string) => /\.zip$/i.test(path);

/**
 * Opens what the user has chosen: pictures (what else lies in their folder is left out), a zip of pictures, or a video.
 * @throws CodedError `masks-absent`, `mask-unreadable`, and what opening a video throws
 */
export async function openMasks(
	files: readonly File[],
	openMedia: () => Media = () => new MediaClient()
): Promise<MaskSource> {
	const [first] = files;
	if (!first) throw appError('masks-absent', { name: '' });
	const pictures = files
		.map((file): PictureFile => ({ path: pathOf(file), blob: async () => file }))
		.filter(({ path }) => isPicture(path));
	if (pictures.length > 0) return openPictures(pictures, topFolder(first) ?? first.name);
	if (files.length > 1) throw appError('masks-absent', { name: topFolder(first) ?? first.name });
	return isZip(first.name)
		? openPictures(await picturesIn(first), first.name)
		: openVideo(first, openMedia());
}

function openPictures(pictures: readonly PictureFile[], name: string): MaskSource {
	const sequences = sequencesOf(pictures.map(({ path }) => path));
	if (sequences.length === 0) throw appError('masks-absent', { name });
	return {
		...{ name, sequences },
		async read(file) {
			const { path, blob } = pictures[file]!;
			const picture = await blob().catch((cause) => {
				throw appError('mask-unreadable', { name: path }, { cause });
			});
			return isExact(path) ? readMaskPicture(picture, path) : drawn(picture, path);
		},
		close: () => {}
	};
}

async function openVideo(file: File, media: Media): Promise<MaskSource> {
	try {
		const { times } = await media.open(file, file.name, () => {});
		const pictures = [...times.keys()].map((index) => ({ file: index, place: index }));
		return {
			name: file.name,
			sequences: [{ name: '', pictures }],
			read: async (index) => ({ brightness: pixelsOf(await media.frame(index)).brightness }),
			close: () => media.close()
		};
	} catch (error) {
		media.close();
		throw error;
	}
}

async function picturesIn(zip: File): Promise<PictureFile[]> {
	const { entries } = await unzipRaw(zip).catch((cause: unknown) => {
		throw appError('mask-unreadable', { name: zip.name }, { cause });
	});
	if (entries.length > limits.entries) throw appError('mask-unreadable', { name: zip.name });
	return entries
		.filter(({ isDirectory, name }) => !isDirectory && isPicture(name))
		.map((entry) => ({ path: entry.name, blob: () => inflated(entry) }));
}

async function inflated(entry: ZipEntry): Promise<Blob> {
	if (entry.size > limits.bytes) throw new Error(`${entry.size} bytes`);
	return entry.blob('');
}

/** What the browser makes of a picture of another kind. */
async function drawn(picture: Blob, name: string): Promise<MaskPicture> {
	try {
		return pixelsOf(await createImageBitmap(picture, { colorSpaceConversion: 'none' }));
	} catch (cause) {
		throw appError('mask-unreadable', { name }, { cause });
	}
}

function pixelsOf(bitmap: ImageBitmap): MaskPicture {
	const { width, height } = bitmap;
	const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
	context.drawImage(bitmap, 0, 0);
	bitmap.close();
	return planesOfRgba({ width, height }, context.getImageData(0, 0, width, height).data);
}

function pathOf(file: File): string {
	return file.webkitRelativePath || file.name;
}

/** The folder that was chosen, if one was. */
function topFolder({ webkitRelativePath }: File): string | undefined {
	return webkitRelativePath ? webkitRelativePath.split('/')[0] : undefined;
}
