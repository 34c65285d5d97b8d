import type { Alpha, Size } from '../frame.ts';
import { alphaText, packAlpha, parseAlpha, unpackAlpha } from '../packed-alpha.ts';
import type { VideoMaMaOptions } from './options.ts';
import type { View } from './view.ts';

/** What the window that comes next needs of those before. */
export interface LoopState {
	/** What it works at, which is less than was asked for where memory was short. */
	readonly working: Pick<VideoMaMaOptions, 'maxSize' | 'window' | 'overlap'>;
	/** What the window before saw; absent where nothing was computed yet. */
	readonly view?: View;
	/** The alphas that the windows so far have given to its first frames, before anything that finishes them. */
	readonly alphas: readonly Alpha[];
}

/** The state as it is written: JSON, with the alphas deflated. */
interface WrittenState extends Omit<LoopState, 'alphas'> {
	readonly size: Size;
	readonly alphas: readonly string[];
}

export async function writeState({ alphas, ...rest }: LoopState): Promise<Uint8Array> {
	const { width, height } = alphas[0]!;
	const texts = alphas.map(async (alpha) => alphaText(await packAlpha(alpha)));
	const written: WrittenState = { ...rest, size: { width, height }, alphas: await Promise.all(texts) };
	return new TextEncoder().encode(JSON.stringify(written));
}

/** @throws Error when it is damaged */
export async function readState(state: Uint8Array): Promise<LoopState> {
	const { size, alphas, ...rest } = JSON.parse(new TextDecoder().decode(state)) as WrittenState;
	return { ...rest, alphas: await Promise.all(alphas.map((text) => unpackAlpha(parseAlpha(text, size)))) };
}
