import type { Clip, OutputKind } from '../protocol/schema.ts';

/** Bytes a pixel of each kind of result, at the upper end of what was seen. */
const bytesPerPixel: Record<OutputKind, number> = {
	alpha: 0.1,
	foreground: 0.3,
	preview: 0.3,
	png: 2.5,
	prores: 1.5,
	webm: 0.3
};

/** Bytes of a target's mask on a frame, as run lengths of a contour that is far from smooth: for each row of the picture. */
const MASK_BYTES_PER_ROW = 30;

/** Left for everything else on the machine. */
const RESERVE = 256 * 2 ** 20;

/** Frames of a clip, estimated where its container does not say. */
export function frameCount({ frames, duration, frameRate }: Clip): number {
	return frames || Math.ceil(duration * (frameRate || 30));
}

/** Bytes that must be free before a job may start, so that it does not fill the disk half-way. */
export function spaceFor(clip: Clip, outputs: readonly OutputKind[]): number {
	const pixels = frameCount(clip) * clip.width * clip.height;
	return RESERVE + outputs.reduce((sum, kind) => sum + pixels * bytesPerPixel[kind], 0);
}

/** Bytes that a job takes besides for what it can go on from after an interruption: masks, and deflated alphas. */
export function spaceForUnfinished(clip: Clip): number {
	return frameCount(clip) * clip.height * (MASK_BYTES_PER_ROW + clip.width * bytesPerPixel.alpha);
}

/** The same for a job that writes the masks of so many targets; those that words will find are not known. */
export function spaceForMasks(clip: Clip, targets: number): number {
	// The drafts lie beside the file for a moment.
	return RESERVE + 2 * frameCount(clip) * clip.height * MASK_BYTES_PER_ROW * Math.max(1, targets);
}
