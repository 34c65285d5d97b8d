import { lstat, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyPlane, type Mask, type Size } from '../../models/frame.ts';
import { isEmptyMask } from '../../models/mask.ts';
import { encodeGreyPng } from '../../models/png.ts';
import type { TrackedFrame } from '../../models/segmenter.ts';
import { appError } from '../protocol/errors.ts';

/**
 * Writes masks of one frame: `NAME_mask.png`, or `NAME_mask_1.png` and on. None appears before all are written.
 * @returns the files' names
 */
export async function writeMasks(
	masks: readonly Mask[],
	{ directory, name }: MaskPlace
): Promise<readonly string[]> {
	const files = masks.map((_, i) => `${name}_mask${masks.length > 1 ? `_${i + 1}` : ''}.png`);
	const part = (file: string) => join(directory, `${file}.part`);
	try {
		for (const [i, file] of files.entries()) await writeFile(part(file), await encodePng(masks[i]!));
		for (const file of files) await rename(part(file), join(directory, file));
	} catch (error) {
		for (const file of files) await rm(part(file), { force: true });
		throw error;
	}
	return files;
}

export interface MaskPlace {
	readonly directory: string;
	/** What the names begin with. */
	readonly name: string;
}

/**
 * Writes the masks of tracked targets, `NAME_masks/ID/000000.png` and on: each target has one for every frame, an empty one where it is
 * not seen. The folder appears when all is written, in the place of one that was there, as long as that held nothing but such masks.
 */
export class MaskFolders {
	readonly #final: string;
	readonly #part: string;
	/** The frames that have come, and for each target those on which it was seen. */
	readonly #frames: number[] = [];
	readonly #seen = new Map<number, Set<number>>();

	private constructor(
		private readonly size: Size,
		{ directory, name }: MaskPlace
	) {
		this.#final = join(directory, `${name}_masks`);
		this.#part = `${this.#final}.part`;
	}

	/**
	 * Checks that what it would replace are masks of ours.
	 * @throws CodedError `masks-foreign`
	 */
	static async check({ directory, name }: MaskPlace): Promise<void> {
		await requireMasks(join(directory, `${name}_masks`));
		await requireMasks(join(directory, `${name}_masks.part`));
	}

	/**
	 * Opens it for masks of a size.
	 * @throws CodedError `masks-foreign`
	 */
	static async open(size: Size, place: MaskPlace): Promise<MaskFolders> {
		const folders = new MaskFolders(size, place);
		await MaskFolders.check(place);
		await rm(folders.#part, { recursive: true, force: true });
		await mkdir(folders.#part, { recursive: true });
		return folders;
	}

	/** For each target, by its id, on how many frames it was seen so far. */
	get seen(): ReadonlyMap<number, number> {
		return new Map([...this.#seen].map(([id, frames]) => [id, frames.size]));
	}

	async write({ index, masks }: TrackedFrame): Promise<void> {
		this.#frames.push(index);
		for (const [id, mask] of masks) {
			if (isEmptyMask(mask)) continue;
			if (!this.#seen.has(id)) await mkdir(join(this.#part, String(id)));
			const seen = this.#seen.get(id) ?? new Set();
			this.#seen.set(id, seen.add(index));
			await writeFile(this.#path(id, index), await encodePng(mask));
		}
	}

	/**
	 * Writes the empty masks, and gives the folder its name.
	 * @throws CodedError `masks-foreign` when the one of that name holds something else by now
	 */
	async finish(): Promise<void> {
		const nothing = await encodePng(emptyPlane(this.size));
		for (const [id, seen] of this.#seen) {
			for (const index of this.#frames) if (!seen.has(index)) await writeFile(this.#path(id, index), nothing);
		}
		await replaceMasks(this.#final, this.#part);
	}

	/** Leaves nothing behind. */
	async abort(): Promise<void> {
		await rm(this.#part, { recursive: true, force: true });
	}

	#path(id: number, index: number): string {
		return join(this.#part, String(id), `${String(index).padStart(6, '0')}.png`);
	}
}

/** Puts a folder of masks in the place of another, if there is one, which stays as it was when that fails. */
async function replaceMasks(folder: string, by: string): Promise<void> {
	const aside = await mkdtemp(`${folder}.old-`);
	const before = join(aside, 'masks');
	try {
		const wasThere = await unlessAbsent(rename(folder, before).then(() => true));
		try {
			await requireMasks(before, folder);
			await rename(by, folder);
		} catch (error) {
			if (wasThere) await rename(before, folder);
			throw error;
		}
	} catch (error) {
		await rmdir(aside).catch(() => {}); // Masks that could not go back stay in it.
		throw error;
	}
	await rm(aside, { recursive: true });
}

/**
 * Checks that a folder, where it is there, holds nothing but `ID/000000.png` and on: whatever else lies in it is the user's.
 * @param known the name that the user knows it by
 */
async function requireMasks(folder: string, known = folder): Promise<void> {
	const foreign = (...path: string[]) => appError('masks-foreign', { file: join(known, ...path) });
	const list = (...path: string[]) => readdir(join(folder, ...path), { withFileTypes: true });
	const here = await unlessAbsent(lstat(folder));
	if (!here) return;
	if (!here.isDirectory()) throw foreign();
	for (const target of await list()) {
		if (!target.isDirectory() || !/^\d+$/.test(target.name)) throw foreign(target.name);
		for (const mask of await list(target.name))
			if (!mask.isFile() || !/^\d{6,}\.png$/.test(mask.name)) throw foreign(target.name, mask.name);
	}
}

/** What comes of a promise; undefined where there is no such file. */
function unlessAbsent<T>(promise: Promise<T>): Promise<T | undefined> {
	return promise.catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return undefined;
		throw error;
	});
}

async function encodePng(mask: Mask): Promise<Uint8Array> {
	return new Uint8Array(await (await encodeGreyPng(mask)).arrayBuffer());
}
