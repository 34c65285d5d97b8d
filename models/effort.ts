import type { Size } from './frame.ts';
import { workingSize } from './matanyone/canvas.ts';
import { defaultMatAnyoneOptions } from './matanyone/options.ts';
import type { MatteOptions } from './matter.ts';
import { engineInfo, type EngineId } from './registry.ts';
import { videoMaMaEffort } from './videomama/estimate.ts';
import { defaultVideoMaMaOptions } from './videomama/options.ts';

/** What decides how long a job takes on one machine. */
export interface JobEffort extends Size {
	readonly engine: EngineId;
	readonly options: MatteOptions;
	/** Frames of the clip. */
	readonly frames: number;
	/** Frames with a mask. */
	readonly keyframes: number;
}

/**
 * How much an engine has to compute for a job, in pixels: an engine's pace in pixels a second, learned from one job, tells from this how
 * long another one takes. It is the most that can be: a crop to the target makes it less.
 */
export function effort({ engine, options, frames, keyframes, ...size }: JobEffort): number {
	const { model } = engineInfo(engine);
	if (!model) return frames * size.width * size.height;
	if (model === 'videomama')
		return videoMaMaEffort(size, frames, options.videomama ?? defaultVideoMaMaOptions);
	const { warmup, maxSize } = options.matanyone ?? defaultMatAnyoneOptions;
	const { width, height } = workingSize(size, maxSize);
	return (frames + keyframes * warmup) * width * height;
}
