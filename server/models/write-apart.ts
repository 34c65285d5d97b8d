import { z } from 'zod';
import { forkModule } from '../engines/child.ts';
import { appError, errorBody } from '../protocol/errors.ts';
import { preparation, webModel, type Preparation } from '../protocol/web-model.ts';
import type { ServedModel, WebModelSource } from './web-model-file.ts';

const webModelMessage = z.union([
	z.object({ progress: preparation }),
	z.object({ served: z.object({ about: webModel, path: z.string() }) }),
	z.object({ error: errorBody.optional(), detail: z.string() })
]);
export type WebModelMessage = z.infer<typeof webModelMessage>;

export interface WriteHooks {
	readonly signal: AbortSignal;
	readonly onProgress: (progress: Preparation) => void;
	/** Gets every line that the process prints. */
	readonly onLine: (line: string) => void;
}

/**
 * `writeWebModel` in a process that lives only for that.
 * @throws CodedError as `writeWebModel`; `engine-died` when the process does; the signal's reason
 */
export function writeApart(
	source: WebModelSource,
	{ signal, onProgress, onLine }: WriteHooks
): Promise<ServedModel> {
	return new Promise((resolve, reject) => {
		signal.throwIfAborted();
		const module = new URL('./web-model-process.ts', import.meta.url);
		const child = forkModule(module, [JSON.stringify(source)], onLine);
		const end = () => child.kill('SIGKILL');
		signal.addEventListener('abort', end);
		child.on('message', (message) => {
			const parsed = webModelMessage.safeParse(message);
			if (!parsed.success) reject(parsed.error);
			else if ('progress' in parsed.data) onProgress(parsed.data.progress);
			else if ('served' in parsed.data) resolve(parsed.data.served);
			else if (parsed.data.error) reject(appError(parsed.data.error.code, parsed.data.error.params));
			else reject(new Error(parsed.data.detail));
		});
		child.on('error', reject);
		child.on('exit', () => {
			signal.removeEventListener('abort', end);
			// After an answer this changes nothing.
			reject(signal.aborted ? (signal.reason as Error) : appError('engine-died'));
		});
	});
}
