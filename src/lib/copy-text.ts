import { appError } from '$protocol/errors.ts';

/**
 * Puts text into the clipboard.
 * @throws CodedError `clipboard-refused`
 */
export async function copyText(text: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
	} catch (error) {
		throw appError('clipboard-refused', {}, { cause: error });
	}
}
