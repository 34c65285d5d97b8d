/**
 * What can be chosen where Meta's code (facebookresearch/sam3) and the port in huggingface/transformers differ, or where neither is the
 * only good way. `defaultSam3Options` follow Meta, whose numbers SAM 3 is known by; `transformersOptions` follow the port, which the
 * parity file was computed with.
 */
export interface Sam3Options {
	/** How clicks, boxes and strokes are answered. */
	readonly prompts: PromptOptions;
	/** How words and examples are answered on a frame. */
	readonly detection: DetectionOptions;
	/** How objects are followed through a clip. */
	readonly tracking: TrackingOptions;
	/** How all things of a kind are found and followed through a clip. */
	readonly concepts: ConceptOptions;
}

export interface PromptOptions {
	/**
	 * Prompts on a tracked frame refine what tracking found there, and every further prompt refines the answer to those before it: their
	 * logits go into the decoder as a mask (`iter_use_prev_mask_pred`). Otherwise all prompts are answered at once, from nothing.
	 */
	readonly refine: boolean;
	/**
	 * A prompt's answer is nothing where the decoder scores the object as not there. Otherwise a mask that is shown is taken for it,
	 * since whoever prompts a frame says that it is there.
	 */
	readonly gate: boolean;
	/**
	 * Points that the decoder is given at most, corners of a box included; of more, the first half and the newest half are taken, as
	 * training knows only few (`max_point_num_in_prompt_enc`). 0 for no limit.
	 */
	readonly maxPoints: number;
	/** Points that a brush stroke becomes at most, evenly along its path, at least 1. */
	readonly strokePoints: number;
}

export interface DetectionOptions {
	/**
	 * The least score, 0 to 1, of what is shown: 0.5 in Meta's demonstrations, 0.3 in the port's processor. On clips the configuration says
	 * (`score_threshold_detection`).
	 */
	readonly threshold: number;
	/** Of masks that overlap by more than this (intersection over union), only the surest is kept; 1 keeps all. */
	readonly overlap: number;
	/**
	 * Words alone are looked for together with a summary of no examples, as in training (`_encode_prompt`). The port leaves it out.
	 */
	readonly summary: boolean;
}

export interface TrackingOptions {
	/**
	 * Which of the frames tracked so far are remembered, besides those with prompts: `seen`, the newest on which the object was seen well
	 * (`use_memory_selection`), so that a long occlusion does not crowd out what it looked like; or `newest`, whatever was seen on them.
	 */
	readonly memory: 'seen' | 'newest';
	/** For `seen`: how well, the product of the sureness of its presence (0 to 1) and of its mask's predicted IoU, must be above this. */
	readonly seenThreshold: number;
	/**
	 * Which frames with prompts contribute their object pointers, of those already passed in the direction of travel: `nearest`, the ones
	 * whose maps are remembered too, or `all`.
	 */
	readonly pointers: 'nearest' | 'all';
	/** A tracked frame that is corrected counts from then on as one with prompts (`add_all_frames_to_correct_as_cond`). */
	readonly correctionsCondition: boolean;
	/** A correction is answered with the memory of other frames in view, or from its own frame alone (`use_prev_mem_frame`). */
	readonly correctionsRemember: boolean;
	/**
	 * What tracking remembers of the frames around a corrected one is forgotten, for it may hold the mistake
	 * (`clear_non_cond_mem_around_input`).
	 */
	readonly forgetAroundCorrections: boolean;
	/** Objects that are computed at once at most; more take turns. */
	readonly batch: number;
}

export interface ConceptOptions {
	/**
	 * Objects that detections do not confirm, or that double others, are taken away while they are young, for which every frame's answer
	 * waits (`hotstart_delay` frames). Otherwise answers come at once, and nothing is taken back.
	 */
	readonly hotstart: boolean;
	/**
	 * Examples given on one frame describe what to look for on all of them. Otherwise they count on their own frame only: with words, the
	 * words alone are looked for on the others; without, nothing new is, and what was found is followed.
	 */
	readonly portableExamples: boolean;
	/**
	 * The mask that a new object begins with: its detection's logits `enlarged` four times, then cut at 0, or cut at 0.5 as they are
	 * (`coarse`).
	 */
	readonly firstMask: 'enlarged' | 'coarse';
	/**
	 * On frames where an object appears, what the others remember of the frame is what the tracker predicted, cut at 0, overlaps and all,
	 * since it runs for everything again (transformers' `_tracker_add_new_objects`). Otherwise new objects are begun by themselves.
	 */
	readonly birthsRewriteMemory: boolean;
}

export const defaultSam3Options: Sam3Options = {
	prompts: { refine: true, gate: false, maxPoints: 16, strokePoints: 8 },
	detection: { threshold: 0.5, overlap: 0.1, summary: true },
	tracking: {
		memory: 'seen',
		seenThreshold: 0.01,
		pointers: 'nearest',
		correctionsCondition: true,
		correctionsRemember: false,
		forgetAroundCorrections: true,
		batch: 4
	},
	concepts: { hotstart: true, portableExamples: false, firstMask: 'enlarged', birthsRewriteMemory: false }
};

/** As huggingface/transformers 5.18 (models/sam3_tracker_video, models/sam3_video) does it. */
export const transformersOptions: Sam3Options = {
	prompts: { refine: false, gate: true, maxPoints: 0, strokePoints: 8 },
	detection: { threshold: 0.3, overlap: 1, summary: false },
	tracking: {
		...defaultSam3Options.tracking,
		memory: 'newest',
		pointers: 'all',
		correctionsCondition: false,
		correctionsRemember: true,
		forgetAroundCorrections: false
	},
	concepts: { ...defaultSam3Options.concepts, firstMask: 'coarse', birthsRewriteMemory: true }
};
