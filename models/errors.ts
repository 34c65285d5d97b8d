/** Facts that a message is filled with, such as a limit and what was found. */
export type ErrorParams = Readonly<Record<string, string | number>>;

/**
 * An error that a user can be told about: a code that the interface has words for in every language, and the facts that go into
 * them. `message` is for logs only.
 */
export class CodedError<Code extends string = string> extends Error {
	override readonly name = 'CodedError';

	constructor(
		readonly code: Code,
		readonly params: ErrorParams = {},
		options?: ErrorOptions
	) {
		super(`${code} ${JSON.stringify(params)}`, options);
	}
}

/** What can go wrong inside `models/`. */
export const modelErrorCodes = [
	/** The mask has no pixel of the target. */
	'mask-empty',
	/** The mask is of another size than the clip: maskWidth, maskHeight, width, height. */
	'mask-size',
	/** No keyframe was given, or one lies outside the clip. */
	'keyframe-missing',
	/** Reading the clip failed or ended early: frame (frames that were read). */
	'clip-damaged',
	/** There is no prompt that says where the target is (for example negative clicks only). */
	'prompt-empty',
	/** The engine ran out of memory. */
	'out-of-memory'
] as const;

export type ModelErrorCode = (typeof modelErrorCodes)[number];

/** A `CodedError` of a code that `models/` knows. */
export function modelError(
	code: ModelErrorCode,
	params?: ErrorParams,
	options?: ErrorOptions
): CodedError<ModelErrorCode> {
	return new CodedError(code, params, options);
}
