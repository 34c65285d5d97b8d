import { z } from 'zod';
import { segmenterRun } from './prompts.ts';

/** What the first line of every masks file says it is (docs/masks-file.md). */
export const masksFormat = { format: 'splazmatte-masks', version: 1 } as const;

/** The first line: what the file holds, and what made it. Every mask has `width` x `height` pixels of the source. */
export const masksHeader = segmenterRun.extend({
	format: z.literal(masksFormat.format),
	version: z.literal(masksFormat.version),
	width: z.number().int().min(1).max(16384),
	height: z.number().int().min(1).max(16384),
	/** Frames of the clip. */
	clipFrames: z.number().int().min(1),
	/** Frames in the file: the lines after this one. */
	frames: z.number().int().min(0),
	revision: z.string(),
	/** On how many frames each target is seen. */
	targets: z.array(z.object({ id: z.number().int(), frames: z.number().int() }))
});
export type MasksHeader = z.infer<typeof masksHeader>;

/** Every further line: one frame. */
export const masksLine = z.object({
	/** Its number in presentation order, from 0. */
	frame: z.number().int().min(0),
	/** Seconds after the clip's first frame. */
	time: z.number().min(0),
	/** Run lengths (`models/mask.ts`) by the target's id; a target that is not seen is not named. */
	masks: z.record(z.string().regex(/^\d+$/), z.array(z.number().int().min(0)).readonly())
});
export type MasksLine = z.infer<typeof masksLine>;
