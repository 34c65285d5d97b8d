import type { Logger } from 'pino';
import { z } from 'zod';
import { forkModule } from '../engines/child.ts';
import { appError, errorBody } from '../protocol/errors.ts';
import { clip, type Limits } from '../protocol/schema.ts';

const clipFacts = clip.omit({ hash: true, bytes: true });
/** What a file tells of itself. */
export type ClipFacts = z.infer<typeof clipFacts>;

const probeMessage = z.union([
	z.object({ facts: clipFacts }),
	z.object({ error: errorBody.optional(), detail: z.string() })
]);
export type ProbeMessage = z.infer<typeof probeMessage>;

export interface ProbeOptions {
	readonly log: Logger;
	/** The module that probes in the process. */
	readonly module?: URL;
	/** Milliseconds after which a file counts as unreadable. */
	readonly patience?: number;
}

/**
 * Finds out what a file is, in a process that lives only for that.
 * @throws CodedError as `probe` of `server/media`; `clip-damaged` when the process crashes or does not end
 */
export function probeApart(
	path: string,
	limits: Limits,
	{ log, module = new URL('./probe-child.ts', import.meta.url), patience = 60_000 }: ProbeOptions
): Promise<ClipFacts> {
	return new Promise((resolve, reject) => {
		const child = forkModule(module, [path, JSON.stringify(limits)], (line) =>
			log.warn({ probe: path }, line)
		);
		const timer = setTimeout(() => child.kill('SIGKILL'), patience);
		child.on('message', (message) => {
			const parsed = probeMessage.safeParse(message);
			if (!parsed.success) reject(parsed.error);
			else if ('facts' in parsed.data) resolve(parsed.data.facts);
			else if (parsed.data.error) reject(appError(parsed.data.error.code, parsed.data.error.params));
			else reject(new Error(parsed.data.detail));
		});
		child.on('error', reject);
		child.on('exit', (code, signal) => {
			clearTimeout(timer);
			// After an answer this changes nothing.
			if (code !== 0) log.error({ probe: path, code, signal }, 'the process that reads a clip has died');
			reject(appError('clip-damaged', { frame: 0 }));
		});
	});
}
