import type { VideoMaMaOptions } from './options.ts';

/** How many windows cover a clip; a clip that is shorter than a window is one by itself. */
export function windowCount(
	frames: number,
	{ window, overlap }: Pick<VideoMaMaOptions, 'window' | 'overlap'>
): number {
	return 1 + Math.max(0, Math.ceil((frames - window) / (window - overlap)));
}

/** How many frames the windows of a clip hold together, those that they share counted in each. */
export function windowFrames(frames: number, options: Pick<VideoMaMaOptions, 'window' | 'overlap'>): number {
	return windowCount(frames, options) * Math.min(frames, options.window);
}

/** The new window's share of frame `i` of `overlap` that it shares with the one before it. */
export function fadeShare(i: number, overlap: number): number {
	return (i + 1) / (overlap + 1);
}
