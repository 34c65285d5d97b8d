import { isDiskFull } from '../models/errors.ts';
import { appError, toErrorBody, type ErrorBody } from './protocol/errors.ts';

/** Splits an error into what the user can be told, if anything, and what the log should hold. */
export function describeFailure(error: unknown): { error?: ErrorBody; detail: string } {
	const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
	for (let cause = error; cause instanceof Error; cause = cause.cause) {
		const known = toErrorBody(cause) ?? toErrorBody(fromSystem(cause));
		if (known) return { error: known, detail };
	}
	return { detail };
}

function fromSystem(error: Error): unknown {
	if (isDiskFull(error)) return appError('disk-full');
	if (error instanceof RangeError && /array buffer|allocation|out of memory/i.test(error.message)) {
		return appError('out-of-memory');
	}
	return undefined;
}
