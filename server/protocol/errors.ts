import { CodedError, modelErrorCodes, type ErrorParams } from '../../models/errors.ts';
import { z } from 'zod';

/** Everything that can be said to a user, by code; the interface holds the words (`messages/*.json`, `error_<code>`). */
export const errorCodes = [
	...modelErrorCodes,
	// The clip
	'clip-not-video', // the file is no video of a known container: name
	'clip-no-video', // it has no picture, for example audio only
	'clip-no-frames', // it has a video stream without a frame
	'clip-codec', // its codec cannot be decoded: codec
	'clip-too-long', // seconds, limit
	'clip-too-large', // bytes, limit
	'clip-too-big', // width, height, limit (pixels of the shorter side)
	'clip-needs-server', // the browser cannot decode it by itself, so it cannot matte it: name
	'clip-missing', // the server does not have the clip any more
	// Uploads
	'upload-missing',
	'upload-offset', // expected, found
	'upload-hash', // what arrived is not what was sent
	'upload-too-large', // a chunk: limit
	// Jobs
	'job-missing',
	'job-state', // what was asked does not fit the job's state: state
	'masks-too-large', // all masks of a job together are more than the server takes: bytes, limit
	'words-offline', // nobody reads words for the SAM 3 in this browser: the server is away or has other weights
	'engine-unknown',
	'model-reading', // its files are being read for the first time, to name them: name
	'engine-died', // the engine's process ended
	'engine-unavailable', // engine
	'memory-busy', // jobs hold the memory that it takes: gigabytes
	'clip-uploading', // words and examples are read on the server, which does not have all of the clip yet
	'prompt-superseded', // a newer request of the same asker took its place
	'engine-memory', // gigabytes (what the engine's smallest preset needs), limit (what the engines may have, in gigabytes)
	'memory-short', // gigabytes (what the job needs), limit (what the engines may have, in gigabytes)
	'too-large-here', // the network works on too large a picture for a browser: width, height, side (of what it can, the shorter one)
	'encoder-missing', // the browser encodes no video of this size: width, height
	'encoder-failed', // the browser's encoder gave up: codec
	'result-missing',
	// The command line
	'masks-foreign', // what stands in the place of masks is no mask of ours, and would be lost: file
	'masks-several', // a folder holds masks of more than one sequence: sequences
	'masks-surplus', // there are more masks than the clip has frames: masks, frames
	// The request
	'request-invalid', // problem
	'request-forbidden', // the Origin or Host is not ours
	'not-found',
	'internal', // id (of the log entry)
	// The page, of itself
	'server-away', // no answer at all
	'clipboard-refused', // the browser lets nothing be copied
	'page-defect', // a defect of the page: problem
	'answer-invalid', // an answer that is not of this protocol
	'storage-full', // the browser has no room for the clip's file
	'storage-refused', // the browser keeps no data for the page
	'storage-newer', // the browser's data were written by a newer version of the page
	'session-missing', // no session of that id in this browser
	'session-elsewhere', // another tab has it open: name
	'clip-other', // the file chosen for a session is not its clip: name (of the session's clip)
	// Session files
	'package-foreign', // the file is no session file
	'package-damaged', // part (the file inside that is missing or wrong)
	'package-newer', // its format is newer than this program: program (the version that wrote it)
	'package-too-large', // unpacked, it would be of an absurd size: bytes, limit
	'package-no-clip' // the clip is to be exported, but is not in this browser: name
] as const;

export const errorCode = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCode>;

/** The body of every answer that is an error, and the `error` of a failed job. */
export const errorBody = z.object({
	code: errorCode,
	params: z.record(z.string(), z.union([z.string(), z.number()]))
});
export type ErrorBody = z.infer<typeof errorBody>;

/** A `CodedError` of a code that the protocol knows. */
export function appError(
	code: ErrorCode,
	params?: ErrorParams,
	options?: ErrorOptions
): CodedError<ErrorCode> {
	return new CodedError(code, params, options);
}

/** What is told of an error; undefined for one that is a defect of ours, to be logged and told as `internal`. */
export function toErrorBody(error: unknown): ErrorBody | undefined {
	if (!(error instanceof CodedError)) return undefined;
	const code = errorCode.safeParse(error.code);
	return code.success ? { code: code.data, params: { ...error.params } } : undefined;
}
