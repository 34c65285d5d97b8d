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
	/** The mask, as the engine uses it, leaves nothing of the picture to the background. */
	'mask-full',
	/** The mask is of another size than the clip: maskWidth, maskHeight, width, height. */
	'mask-size',
	/** Masks have other proportions than the clip, so that they cannot be scaled to it: maskWidth, maskHeight, width, height. */
	'mask-shape',
	/** The file of a mask is no picture: name. */
	'mask-unreadable',
	/** The file of a mask is OpenEXR of a kind that is not read: name, kind (such as its compression). */
	'mask-exr',
	/** There is no picture and no video in what was chosen as masks: name. */
	'masks-absent',
	/** An engine that needs a mask for every frame was given none for this one: frame. */
	'mask-missing',
	/** No keyframe was given, or one lies outside the clip. */
	'keyframe-missing',
	/** Reading the clip failed or ended early: frame (frames that were read). */
	'clip-damaged',
	/** There is no prompt that says where the target is (for example negative clicks only). */
	'prompt-empty',
	/** A click or box lies outside of the picture: x, y, width, height (of the picture). */
	'prompt-outside',
	/** A box has no area. */
	'box-empty',
	/** There are no words to look for. */
	'words-empty',
	/** The words are more than the model reads: tokens, limit. */
	'words-long',
	/** Some of the words could not be put into English: unknown. */
	'words-unknown',
	/** Nothing that was looked for was found. */
	'no-match',
	/** Fewer things were found than the number of the one that is wanted: match, found. */
	'match-missing',
	/** The clip has no frame of that number: frame, frames, last (the last one's number). */
	'frame-missing',
	/** The segmenter does not understand this kind of prompt: kind, segmenter. */
	'prompt-unknown',
	/** The engine ran out of memory: preset (VideoMaMa's that fits, where one does). */
	'out-of-memory',
	/** What networks were to run on does not: provider, problem. */
	'provider-failed',
	/** The graphics card stopped in the middle, as when its driver gives up. */
	'gpu-lost',
	/** The network's alpha is no number: an overflow, or a driver that computes wrongly. */
	'alpha-invalid',
	/** There is no model of that id: id. */
	'model-unknown',
	/** The model's files are not here: name. */
	'model-absent',
	/** The model's licence must be accepted first: name, licence, url. */
	'model-licence',
	/** Trained weights are here, which nothing overwrites unasked: name. */
	'model-present',
	/** The model is being downloaded, by this program or another: name. */
	'model-busy',
	/** A file of the model is missing, or is not what was downloaded: name, file. */
	'model-damaged',
	/** A download is not what the hub says it is, and was thrown away: file. */
	'download-wrong',
	/** The hub does not answer, or stopped in the middle: host. */
	'hub-away',
	/** The hub wants to know who asks, or refuses who does: status, page (to visit). */
	'hub-refused',
	/** The access token is none: they begin with `hf_`. */
	'hub-token',
	/** The hub has no such repository, revision or file: what. */
	'hub-missing',
	/** The hub's answer is of no use: host, problem. */
	'hub-failed',
	/** There is less room on the disk than the download takes: needed, free (bytes). */
	'disk-space',
	/** The disk was full in the middle of writing. */
	'disk-full',
	/** No weights where they were looked for: file. */
	'weights-absent',
	/** The system refuses to read a model's files: name, reason (the system's code, such as EACCES). */
	'weights-unreadable',
	/** The weights were replaced by others while a job ran. */
	'weights-replaced',
	/** A file of weights is broken or ends too early: file, reason. */
	'weights-damaged',
	/** A file is no weights file, or of a kind that we do not read: file, reason. */
	'weights-foreign',
	/** A pickle asks for more than tensors, which could run code: file, name (of what it asks for). */
	'weights-unsafe',
	/** The weights are another model's: name (of the one that was expected), found (what their configuration says). */
	'weights-other',
	/** The UNet is Stable Video Diffusion's own, not VideoMaMa's. */
	'weights-svd',
	/** The weights lack a tensor that the network needs: tensor. */
	'weights-missing',
	/** A tensor is not what the network needs: tensor, expected, found (types and shapes). */
	'weights-shape',
	/** A server does not hand out weights: file, status (HTTP's, 0 for no answer). */
	'weights-unreachable',
	/** A server cannot send a part of a file: file. */
	'weights-no-ranges'
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

/** Whether an error is the system's word that a disk, or a user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
	const code = (error as { code?: unknown } | undefined)?.code;
	return code === 'ENOSPC' || code === 'EDQUOT';
}
