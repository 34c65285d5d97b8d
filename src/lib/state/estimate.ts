interface Work {
	readonly frames: number;
	readonly width: number;
	readonly height: number;
}

/** Seconds that a matte takes, from the engine's speed in pixels a second; undefined while that was never measured. */
export function estimateSeconds(work: Work, pixelsPerSecond: number | undefined): number | undefined {
	if (!pixelsPerSecond) return undefined;
	return (work.frames * work.width * work.height) / pixelsPerSecond;
}
