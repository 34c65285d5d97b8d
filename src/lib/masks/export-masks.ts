import { makeZip } from 'client-zip';
import { emptyPlane, type Size } from '$models/frame.ts';
import { decodeMask, maskArea, type RunLengthMask } from '$models/mask.ts';
import { encodeGreyPng } from '$models/png.ts';

/** The masks of one target. */
export interface ExportedTarget {
	/** What its folder is called. */
	readonly folder: string;
	/** Its mask on a frame; undefined where none is known. */
	readonly at: (frame: number) => RunLengthMask | undefined;
}

export interface MasksExport {
	/** What the file's name begins with. */
	readonly name: string;
	readonly targets: readonly ExportedTarget[];
	/** Of the clip. */
	readonly size: Size;
	readonly frames: number;
	readonly onPicture: () => void;
	readonly signal: AbortSignal;
}

/**
 * Packs masks as 8-bit grey pictures, `NAME_masks/TARGET/000000.png` and on, by the clip's frame numbers: one for every frame of every
 * target, black where it is not seen or no mask is known. They are made one after the other as the zip is written.
 * @returns the zip
 * @throws the signal's reason when aborted
 */
export async function packMasks(masks: MasksExport): Promise<Blob> {
	try {
		const headers = { 'Content-Type': 'application/zip' };
		const zip = await new Response(makeZip(pictures(masks)), { headers }).blob();
		masks.signal.throwIfAborted();
		return zip;
	} catch (error) {
		// Chromium says only that reading failed.
		masks.signal.throwIfAborted();
		throw error;
	}
}

async function* pictures({ name, targets, size, frames, onPicture, signal }: MasksExport) {
	const nothing = await encodeGreyPng(emptyPlane(size));
	const lastModified = new Date();
	for (const { folder, at } of targets) {
		for (let frame = 0; frame < frames; frame++) {
			signal.throwIfAborted();
			const mask = at(frame);
			const isSeen = mask !== undefined && maskArea(mask) > 0;
			const input = isSeen ? await encodeGreyPng(decodeMask(mask)) : nothing;
			yield { name: `${name}_masks/${folder}/${String(frame).padStart(6, '0')}.png`, lastModified, input };
			onPicture();
		}
	}
}
