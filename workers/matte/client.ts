import { proxy } from 'comlink';
import type { JobRequest, Progress } from '../../server/protocol/schema.ts';
import { connect } from '../rpc.ts';
import type { MatteApi, MatteOutcome } from './types.ts';

export { browserOutputs, type MadeResult, type MatteOutcome } from './types.ts';

export interface MatteHooks {
	readonly onProgress: (progress: Progress) => void;
	/** Ends the work at once. */
	readonly signal: AbortSignal;
}

/**
 * Mattes a clip in the browser, in a worker of its own.
 * @throws CodedError as `MatteApi.run`; the signal's reason when aborted
 */
export async function matteInBrowser(
	file: Blob,
	request: JobRequest,
	{ onProgress, signal }: MatteHooks,
	start: () => Worker = startWorker
): Promise<MatteOutcome> {
	signal.throwIfAborted();
	const { api, settle, end } = connect<MatteApi>(start());
	signal.addEventListener('abort', end, { once: true });
	try {
		return await settle(api.run(file, request, proxy(onProgress)));
	} catch (error) {
		signal.throwIfAborted();
		throw error;
	} finally {
		signal.removeEventListener('abort', end);
		end();
	}
}

function startWorker(): Worker {
	return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'matte' });
}
