import { z } from 'zod';
import type { SavedTracked } from '$lib/storage/types.ts';
import type { Size } from '$models/frame.ts';
import { alphaText, parseAlpha, unpackAlpha, type PackedAlpha } from '$models/packed-alpha.ts';
import { packedText, parsePacked } from '$models/packed-mask.ts';
import { linesOf } from '$lib/lines.ts';

/** One line of `tracked.jsonl`: the masks of one frame. */
const line = z.object({
	/** Seconds after the clip's first frame. */
	time: z.number().min(0),
	masks: z
		.array(
			z.object({
				target: z.int().min(1),
				/** The mask's bytes as `models/packed-mask.ts` packs them, in base64. */
				packed: z.base64(),
				/** The same with its soft edge, as `models/packed-alpha.ts` packs it. */
				soft: z.base64().optional(),
				/** The marks that it follows from: time and revision of each. */
				basis: z.array(z.tuple([z.number().min(0), z.int().min(1)])).max(10_000)
			})
		)
		.max(1000)
});

/** A file of JSON lines, one for each frame. */
export async function writeTracked(frames: readonly SavedTracked[]): Promise<Blob> {
	const lines: string[] = [];
	for (const { time, masks } of frames) {
		const told = masks.map(async ({ target, mask, basis, soft }) => ({
			...{ target, packed: packedText(mask).packed, basis },
			soft: soft && (await alphaText(soft))
		}));
		lines.push(`${JSON.stringify({ time, masks: await Promise.all(told) })}\n`);
	}
	return new Blob(lines, { type: 'application/jsonl' });
}

/**
 * Reads what `writeTracked` has written.
 * @param size of every mask
 * @throws Error when a line is damaged or a mask is not of that size
 */
export async function readTracked(file: Blob, size: Size): Promise<SavedTracked[]> {
	const frames: SavedTracked[] = [];
	for await (const text of linesOf(file.stream())) {
		const { time, masks } = line.parse(JSON.parse(text));
		const read = masks.map(async ({ packed, soft, ...about }) => ({
			...{ ...about, mask: parsePacked({ ...size, packed }) },
			...(soft !== undefined && { soft: await readSoft(soft, size) })
		}));
		frames.push({ time, masks: await Promise.all(read) });
	}
	return frames;
}

/** Packed as it is, once it is known to be of its size. */
async function readSoft(text: string, size: Size): Promise<PackedAlpha> {
	const soft = parseAlpha(text, size);
	await unpackAlpha(soft);
	return soft;
}
