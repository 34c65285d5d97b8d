import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyPlane, type Mask, type Size } from '../../models/frame.ts';
import { packPng } from '../../models/png.ts';
import type { TrackedFrame } from '../../models/segmenter.ts';

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
 * not seen. The folder appears when all is written, in the place of one that was there.
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

	/** Opens it for masks of a size. */
	static async open(size: Size, place: MaskPlace): Promise<MaskFolders> {
		const folders = new MaskFolders(size, place);
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
			if (!mask.data.some((value) => value >= 128)) continue;
			if (!this.#seen.has(id)) await mkdir(join(this.#part, String(id)));
			const seen = this.#seen.get(id) ?? new Set();
			this.#seen.set(id, seen.add(index));
			await writeFile(this.#path(id, index), await encodePng(mask));
		}
	}

	/** Writes the empty masks, and gives the folder its name. */
	async finish(): Promise<void> {
		const nothing = await encodePng(emptyPlane(this.size));
		for (const [id, seen] of this.#seen) {
			for (const index of this.#frames) if (!seen.has(index)) await writeFile(this.#path(id, index), nothing);
		}
		const before = `${this.#part}.old`;
		await rm(before, { recursive: true, force: true });
		await rename(this.#final, before).catch((error: NodeJS.ErrnoException) => {
			if (error.code !== 'ENOENT') throw error;
		});
		await rename(this.#part, this.#final);
		await rm(before, { recursive: true, force: true });
	}

	/** Leaves nothing behind. */
	async abort(): Promise<void> {
		await rm(this.#part, { recursive: true, force: true });
	}

	#path(id: number, index: number): string {
		return join(this.#part, String(id), `${String(index).padStart(6, '0')}.png`);
	}
}

/** Grey, 8 bits. */
async function encodePng({ width, height, data }: Mask): Promise<Uint8Array> {
	const rows = new Uint8Array((width + 1) * height);
	for (let y = 0; y < height; y++) rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
	const png = await packPng({ width, height }, 'grey', rows);
	return new Uint8Array(await png.arrayBuffer());
}
