import { toErrorBody, type ErrorBody } from '$protocol/errors.ts';

/** What a user is told of an error of ours; undefined when something was merely ended. A defect goes to the console. */
export function shownError(error: unknown): ErrorBody | undefined {
	if (error instanceof DOMException && error.name === 'AbortError') return undefined;
	const known = toErrorBody(error);
	if (!known) console.error(error);
	return (
		known ?? {
			code: 'page-defect',
			params: { problem: error instanceof Error ? error.message : String(error) }
		}
	);
}
