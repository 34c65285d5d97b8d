import { z } from 'zod';
import { runLengthMask } from '../protocol/basics.ts';
import { concept, prompts, segmentAnswer, segmenterId } from '../protocol/prompts.ts';
import { engineSetup } from './setup.ts';

/** Prompts on a frame as the process that answers them gets them. */
export const segmentSpec = z.object({
	segmenter: segmenterId,
	/** How to run its network, where it has one. */
	setup: engineSetup.optional(),
	/** Absolute path of the clip, which names it too. */
	clip: z.string(),
	time: z.number(),
	/** Either these, with or without a mask, or a concept. */
	prompts: prompts.optional(),
	mask: runLengthMask.optional(),
	concept: concept.optional(),
	/** For how long frames stay ready for prompts, and how many bytes they may hold together. */
	keep: z.object({ milliseconds: z.number(), bytes: z.number() })
});
export type SegmentSpec = z.infer<typeof segmentSpec>;

export const segmentOutcome = segmentAnswer;
export type SegmentOutcome = z.infer<typeof segmentOutcome>;
