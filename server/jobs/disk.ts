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
