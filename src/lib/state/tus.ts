import { DetailedError, Upload as TusUpload } from 'tus-js-client';
import { routes } from '$protocol/routes.ts';
import { uploadError } from './upload.svelte.ts';

export interface SendOptions {
	readonly name: string;
	readonly hash: string;
	/** The most that the server takes in one request. */
	readonly chunkBytes: number;
	readonly signal: AbortSignal;
	readonly onProgress: (done: number, total: number) => void;
}

/**
 * Sends a file, going on where an earlier try stopped, even one of a closed tab.
 * Rejects with the server's `CodedError`, or `server-away` when the connection was lost and short retries did not help.
 */
export type Send = (file: Blob, options: SendOptions) => Promise<void>;

export const sendByTus: Send = async (file, { name, hash, chunkBytes, signal, onProgress }) => {
	signal.throwIfAborted();
	const upload = new TusUpload(file, {
		endpoint: routes.uploads,
		chunkSize: chunkBytes,
		retryDelays: [500, 1500, 4000],
		metadata: { filename: name, sha256: hash },
		// The same bytes are the same upload, whatever the file is called.
		fingerprint: () => Promise.resolve(`splazmatte-${hash}`),
		removeFingerprintOnSuccess: true,
		onProgress: (done, total) => onProgress(done, total ?? file.size),
		onShouldRetry: (error) => (error.originalResponse?.getStatus() ?? 503) >= 500
	});
	const [previous] = await upload.findPreviousUploads();
	if (previous) upload.resumeFromPreviousUpload(previous);
	signal.throwIfAborted();
	await new Promise<void>((resolve, reject) => {
		upload.options.onSuccess = () => resolve();
		upload.options.onError = (error) => reject(told(error));
		signal.addEventListener('abort', () => {
			void upload.abort();
			reject(signal.reason);
		});
		upload.start();
	});
};

function told(error: Error): Error {
	const answer = error instanceof DetailedError ? error.originalResponse : undefined;
	return uploadError(answer ? { status: answer.getStatus(), body: answer.getBody() } : undefined, error);
}
