import { openClip, type ClipReader } from '../media/index.ts';
import { appError } from '../protocol/errors.ts';

/** Clips whose table of frames is kept. */
const KEPT = 4;

const clips = new Map<string, Promise<ClipReader>>();

/**
 * Opens a clip that is asked for frames again and again: finding its frames' times is done once.
 * @throws CodedError `clip-missing`, and what opening a clip throws
 */
export async function keptClip(path: string): Promise<ClipReader> {
	const clip = clips.get(path) ?? open(path);
	clips.delete(path);
	clips.set(path, clip);
	clip.catch(() => clips.delete(path));
	if (clips.size > KEPT) clips.delete(clips.keys().next().value!);
	return clip;
}

async function open(path: string): Promise<ClipReader> {
	try {
		return await openClip(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT')
			throw appError('clip-missing', {}, { cause: error });
		throw error;
	}
}
