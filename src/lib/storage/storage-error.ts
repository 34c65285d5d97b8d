import { appError } from '$protocol/errors.ts';

/** Throws on what the browser said when it could not store something: `storage-full` where it has no room, else the error itself. */
export function failStoring(error: unknown): never {
	if (error instanceof DOMException && error.name === 'QuotaExceededError') {
		throw appError('storage-full', {}, { cause: error });
	}
	throw error;
}
