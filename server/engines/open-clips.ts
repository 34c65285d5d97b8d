import { openClip, type ClipReader } from '../media/index.ts';

/** Clips whose table of frames is kept. */
const KEPT = 4;

const clips = new Map<string, Promise<ClipReader>>();

/** Opens a clip that is asked for frames again and again: finding its frames' times is done once. */
export async function keptClip(path: string): Promise<ClipReader> {
	const clip = clips.get(path) ?? openClip(path);
	clips.delete(path);
	clips.set(path, clip);
	clip.catch(() => clips.delete(path));
	if (clips.size > KEPT) clips.delete(clips.keys().next().value!);
	return clip;
}
