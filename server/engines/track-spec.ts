import { z } from 'zod';
import { segmenterId, segmenterRun } from '../protocol/prompts.ts';
import { notice, tracking, trackResult } from '../protocol/schema.ts';
import { engineSetup } from './setup.ts';

/** A tracking job as the process that runs it gets it. */
export const trackSpec = tracking.extend({
	segmenter: segmenterId,
	/** How to run its network, where it has one. */
	setup: engineSetup.optional(),
	/** What the result's name begins with. */
	name: z.string().min(1),
	/** Absolute path of the clip. */
	clip: z.string(),
	/** Absolute path of an existing folder for the result. */
	directory: z.string()
});
export type TrackSpec = z.infer<typeof trackSpec>;

/** What a tracking job that ended well leaves behind. */
export const trackOutcome = z.object({
	results: z.array(trackResult),
	notices: z.array(notice),
	record: segmenterRun.extend({
		revision: z.string(),
		/** Frames with masks, and targets in them. */
		frames: z.number(),
		targets: z.number(),
		width: z.number(),
		height: z.number(),
		/** Seconds of the whole job. */
		seconds: z.number()
	})
});
export type TrackOutcome = z.infer<typeof trackOutcome>;
