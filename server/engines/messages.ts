import { z } from 'zod';
import { errorBody } from '../protocol/errors.ts';
import { progress } from '../protocol/schema.ts';
import { task } from './task.ts';

/** What the server tells an engine's process. It does one task at a time. */
export const hostRequest = z.discriminatedUnion('type', [
	z.object({ type: z.literal('run'), task }),
	z.object({ type: z.literal('cancel') })
]);
export type HostRequest = z.infer<typeof hostRequest>;

/** What the process answers: any number of `progress`, then one of the others. */
const reply = z.discriminatedUnion('type', [
	z.object({ type: z.literal('progress'), progress }),
	/** The outcome of the task's kind; see `outcomes`. */
	z.object({ type: z.literal('done'), outcome: z.unknown() }),
	z.object({
		type: z.literal('failed'),
		/** What the user can be told; absent for a defect. */
		error: errorBody.optional(),
		/** For the log. */
		detail: z.string()
	})
]);
export type HostReply = z.infer<typeof reply>;

/** An answer, and the bytes of memory that the process holds by then. */
export const hostMessage = z.object({ reply, memory: z.number() });
export type HostMessage = z.infer<typeof hostMessage>;
