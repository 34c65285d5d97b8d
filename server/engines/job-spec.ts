import { z } from 'zod';
import { notice, jobRequest, result } from '../protocol/schema.ts';
import { engineSetup, precisions } from './setup.ts';

/** A job as the process that runs it gets it: the client's request, with the places on this machine filled in. */
export const jobSpec = jobRequest.omit({ clip: true }).extend({
	/** What the results' names begin with. */
	name: z.string().min(1),
	/** Absolute path of the clip. */
	clip: z.string(),
	/** Absolute path of an existing folder for the results. */
	directory: z.string(),
	/** How to run the engine's network, where it has one. */
	setup: engineSetup.optional(),
	/** The same for the segmenter that tracks the masks. */
	segmenterSetup: engineSetup.optional(),
	/** Where what is made is kept, so that the job can go on after an interruption, and what names it. */
	unfinished: z.object({ folder: z.string(), key: z.string() }).optional()
});
export type JobSpec = z.infer<typeof jobSpec>;

/** What a job that ended well leaves behind. */
export const jobOutcome = z.object({
	results: z.array(result),
	notices: z.array(notice),
	record: z.object({
		engine: z.string(),
		revision: z.string(),
		provider: z.string(),
		/** What the network computes in. */
		precision: z.enum(precisions).optional(),
		/** SHA-256 of its weights, and whether they come from a formula, so that the alpha means nothing. */
		weights: z.string().optional(),
		standIn: z.boolean().optional(),
		/** The size of the picture that it worked on, of which a crop is a part. */
		workWidth: z.number().optional(),
		workHeight: z.number().optional(),
		/** What tracked the masks, where the engine needs one for every frame: see `segmenterRun`. */
		segmenter: z.string().optional(),
		segmenterRevision: z.string().optional(),
		segmenterProvider: z.string().optional(),
		segmenterPrecision: z.string().optional(),
		segmenterWeights: z.string().optional(),
		segmenterStandIn: z.boolean().optional(),
		frames: z.number(),
		/** How many of them an earlier run had made, which was interrupted. */
		keptFrames: z.number().optional(),
		width: z.number(),
		height: z.number(),
		/** Seconds that the engine itself computed: tracking, matting, foreground colours. */
		engineSeconds: z.number(),
		/** Seconds of the whole job. */
		seconds: z.number()
	})
});
export type JobOutcome = z.infer<typeof jobOutcome>;
