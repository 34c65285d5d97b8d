/** What a user can set for VideoMaMa. */
export interface VideoMaMaOptions {
	/** The longer side of what the network sees, in pixels: a multiple of 64, 128 to 2048. A smaller picture is not enlarged. */
	readonly maxSize: number;
	/** Frames that it sees together, 2 to 32. */
	readonly window: number;
	/** Frames that a window shares with the one before it, 1 to `window` - 1: a longer overlap hides seams better and takes more time. */
	readonly overlap: number;
	/** Takes given masks with their soft edges; if not, they are thresholded at half, as upstream does. */
	readonly soft: boolean;
	/** Works on the target's surroundings only, and pastes the alpha back. */
	readonly crop: boolean;
	/** Of the noise that it begins with, 0 to 2^32 - 1. */
	readonly seed: number;
	/** When memory is short, work at the next smaller preset instead of failing; the record says so. */
	readonly allowSmaller: boolean;
}

/** Size, window and seed are upstream's (cvlab-kaist/VideoMaMa, inference_onestep_folder.py), which does not overlap its windows. */
export const defaultVideoMaMaOptions: VideoMaMaOptions = {
	maxSize: 1024,
	window: 16,
	overlap: 2,
	soft: false,
	crop: false,
	seed: 42,
	allowSmaller: false
};

/** The limits of the numbers, for whoever reads or shows them. */
export const videoMaMaLimits = {
	maxSize: { least: 128, most: 2048, step: 64 },
	window: { least: 2, most: 32 },
	seed: { least: 0, most: 2 ** 32 - 1 }
} as const;
