/** What a user can set for MatAnyone; names and defaults are upstream's (pq-yang/MatAnyone, inference_matanyone.py and eval_matanyone_config.yaml). */
export interface MatAnyoneOptions {
	/** How often the first frame is predicted again before the clip begins, 0 to 30. */
	readonly warmup: number;
	/** Diameter in pixels by which the mask is shrunk after it was grown, 0 to 64. */
	readonly erode: number;
	/** Diameter in pixels by which the mask is grown first, 0 to 64. */
	readonly dilate: number;
	/** The shorter side of the picture that the network works on, in pixels, at most; -1 for the clip's own size. */
	readonly maxSize: number;
	/** Works on the target's surroundings only, which move and grow with it, and pastes the alpha back. */
	readonly crop: boolean;
	/** Frames from one memory frame to the next, 1 to 30. */
	readonly memEvery: number;
	/** Frames in the memory bank, the first one included, 2 to 10. */
	readonly maxMemFrames: number;
	/** When memory is short, work at a smaller size instead of failing; the record says so. */
	readonly allowSmaller: boolean;
}

export const defaultMatAnyoneOptions: MatAnyoneOptions = {
	warmup: 10,
	erode: 10,
	dilate: 10,
	maxSize: -1,
	crop: false,
	memEvery: 5,
	maxMemFrames: 5,
	allowSmaller: false
};

/** The options that upstream uses for its benchmarks (evaluation/infer_batch_hr.sh, infer_batch_lr.sh), and its demo's. */
export const matAnyonePresets = {
	default: { warmup: 10, erode: 10, dilate: 10 },
	'benchmark-hd': { warmup: 10, erode: 15, dilate: 15 },
	'low-resolution': { warmup: 1, erode: 4, dilate: 4 }
} as const satisfies Readonly<Record<string, Pick<MatAnyoneOptions, 'warmup' | 'erode' | 'dilate'>>>;

export type MatAnyonePreset = keyof typeof matAnyonePresets;

/** The preset that options follow, if any. */
export function matAnyonePresetOf({ warmup, erode, dilate }: MatAnyoneOptions): MatAnyonePreset | undefined {
	const names = Object.keys(matAnyonePresets) as MatAnyonePreset[];
	return names.find((name) => {
		const preset = matAnyonePresets[name];
		return preset.warmup === warmup && preset.erode === erode && preset.dilate === dilate;
	});
}
