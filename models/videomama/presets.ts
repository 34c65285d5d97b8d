import type { Size } from '../frame.ts';
import { onCard, videoMaMaMemory } from './estimate.ts';
import type { VideoMaMaOptions } from './options.ts';

/** Size and window for a graphics card of so much memory. */
export interface VideoMaMaPreset extends Pick<VideoMaMaOptions, 'maxSize' | 'window' | 'overlap'> {
	readonly gigabytes: number;
}

/** Smallest first. Each fits a picture of 16:9 in half precision with fused attention, and leaves a tenth of the memory to others. */
export const videoMaMaPresets = [
	{ gigabytes: 6, maxSize: 512, window: 12, overlap: 2 },
	{ gigabytes: 8, maxSize: 704, window: 12, overlap: 2 },
	{ gigabytes: 12, maxSize: 1024, window: 16, overlap: 2 },
	{ gigabytes: 16, maxSize: 1216, window: 16, overlap: 2 },
	{ gigabytes: 24, maxSize: 1536, window: 24, overlap: 3 }
] as const satisfies readonly VideoMaMaPreset[];

const hd: Size = { width: 1920, height: 1080 };

/** The preset that options follow, if any. */
export function presetOf({ maxSize, window, overlap }: VideoMaMaOptions): VideoMaMaPreset | undefined {
	return videoMaMaPresets.find(
		(preset) => preset.maxSize === maxSize && preset.window === window && preset.overlap === overlap
	);
}

/**
 * The largest preset that a memory of so many bytes holds, if any.
 * @param picture the clip's
 */
export function presetThatFits(bytes: number, picture = hd, setup = onCard): VideoMaMaPreset | undefined {
	return videoMaMaPresets.findLast((preset) => videoMaMaMemory(picture, preset, setup) <= bytes);
}

/**
 * The largest preset that takes less memory than these options, and no more than there is, if any.
 * @param bytes what there is, where that is known
 */
export function smallerPreset(
	options: Pick<VideoMaMaOptions, 'maxSize' | 'window'>,
	picture = hd,
	setup = onCard,
	bytes = Infinity
): VideoMaMaPreset | undefined {
	const needed = videoMaMaMemory(picture, options, setup);
	return presetThatFits(Math.min(bytes, needed - 1), picture, setup);
}
