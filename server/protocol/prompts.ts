import { z } from 'zod';
import type { Concept, Example, Prompt } from '../../models/segmenter.ts';
import { segmenterIds } from '../../models/segmenters.ts';
import { runLengthMask, sha256 } from './basics.ts';

/** In pixels of the source; what lies outside of the picture is told by a code of its own, and only absurd numbers are refused here. */
const coordinate = z.number().min(-1e6).max(1e6);
const extent = z.number().min(0).max(1e6);
const box = { x: coordinate, y: coordinate, width: extent, height: extent };

const prompt: z.ZodType<Prompt> = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('point'), x: coordinate, y: coordinate, positive: z.boolean() }),
	z.object({ kind: z.literal('box'), ...box }),
	z.object({
		kind: z.literal('stroke'),
		points: z
			.array(z.tuple([coordinate, coordinate]))
			.min(1)
			.max(10_000),
		radius: extent,
		positive: z.boolean()
	})
]);
export const prompts = z.array(prompt).max(1000);

const example: z.ZodType<Example> = z.object({ ...box, positive: z.boolean() });

/** Words, examples on the frame, or both. How many words a segmenter reads it says by itself (`words-long`). */
export const concept: z.ZodType<Concept> = z.object({
	words: z.string().max(10_000).optional(),
	examples: z.array(example).max(100).optional()
});

export const segmenterId = z.enum(segmenterIds);

/** `POST /api/segment`: prompts on one frame, or what to look for on it. */
export const segmentRequest = z
	.object({
		clip: sha256,
		/** Seconds after the clip's first frame; the frame nearest to it is meant. */
		time: z.number().min(0),
		prompts: prompts.optional(),
		/** What is known of the target already, for prompts to correct. */
		mask: runLengthMask.optional(),
		concept: concept.optional(),
		/** Left out: SAM 3 when its weights are here or something is looked for, else the classic one. The answer says which one it was. */
		segmenter: segmenterId.optional(),
		/** Names who asks: a newer request under the same name takes the place of one that has not begun. */
		asker: z.string().min(1).max(100).optional()
	})
	.refine(({ prompts, concept }) => (prompts === undefined) !== (concept === undefined), {
		message: 'either prompts or a concept must be given'
	})
	.refine(({ mask, concept }) => !(mask && concept), { message: 'a mask goes with prompts only' });
export type SegmentRequest = z.infer<typeof segmentRequest>;

/** What a segmenter ran on, and with which weights. */
export const segmenterRun = z.object({
	segmenter: segmenterId,
	provider: z.string(),
	/** What its network computes in. */
	precision: z.string().optional(),
	/** SHA-256 of its weights. */
	weights: sha256.optional(),
	/** Whether its weights come from a formula, so that its masks mean nothing. */
	standIn: z.boolean()
});
export type SegmenterRun = z.infer<typeof segmenterRun>;

export const segmentAnswer = segmenterRun.extend({
	/** The frame that was meant: its number, and seconds after the first. */
	frame: z.number(),
	time: z.number(),
	/** Best first: readings of the prompts, or everything that was found; none when nothing was. */
	candidates: z.array(
		z.object({
			mask: runLengthMask,
			/** The segmenter's own confidence, 0 to 1. */
			score: z.number(),
			/** Around the thing, in pixels of the source; absent where there is none. */
			box: z.object(box).optional()
		})
	),
	/** Whether the frame was ready for prompts already. */
	cached: z.boolean(),
	milliseconds: z.object({
		/** Decoding the frame and making it ready for prompts; 0 where it was. */
		read: z.number(),
		encode: z.number(),
		/** Answering. */
		decode: z.number()
	})
});
export type SegmentAnswer = z.infer<typeof segmentAnswer>;
