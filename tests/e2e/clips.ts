import type { Frame, Plane, Size } from '../../models/frame.ts';
import { openClip } from '../../server/media/index.ts';
import { clickPoint, openScene, sampleScene, sampleSize, scenes, type Scene } from '../scenes/index.ts';
import { writeClip } from '../scenes/write-clip.ts';

/** What a clip holds: the timestamps of all its frames (seconds after the first) and every n-th frame. */
export interface Decoded {
	readonly times: number[];
	readonly frames: Frame[];
	readonly size: Size;
	readonly audio: boolean;
}

/** Decodes a whole clip; keeps every n-th frame, none when `every` is left out. */
export async function decodeFrames(path: string, every = 0): Promise<Decoded> {
	const clip = await openClip(path);
	try {
		const times: number[] = [];
		const frames: Frame[] = [];
		for await (const frame of clip.frames()) {
			if (every > 0 && times.length % every === 0) frames.push(frame);
			times.push(Math.round(frame.time * 1e5) / 1e5);
		}
		const { width, height, audio } = clip.info;
		return { times, frames, size: { width, height }, audio: audio !== undefined };
	} finally {
		await clip.close();
	}
}

/** Mean absolute difference of a grey picture's level and an alpha, 0 to 1. */
export function meanDifference(grey: Frame, alpha: Plane): number {
	let sum = 0;
	for (let i = 0; i < alpha.data.length; i++) sum += Math.abs(grey.data[i * 4]! - alpha.data[i]!);
	return sum / alpha.data.length / 255;
}

/** A clip that a test has written, and a pixel in it that belongs to the target. */
export interface SmallClip {
	readonly path: string;
	readonly size: Size;
	readonly frames: number;
	readonly target: { readonly x: number; readonly y: number };
}

/** Writes a clip with clear outlines, as small and short as does. */
export async function writeSmallClip(
	path: string,
	size: Size = { width: 320, height: 180 },
	frames = 12
): Promise<SmallClip> {
	const scene = scenes[0]!;
	await writeSceneClip(path, scene, size, frames);
	return { path, size, frames, target: clickPoint(scene, size) };
}

/** Every how many frames of the sample clip its alpha is compared. */
export const comparedEvery = 12;
const truth: Plane[] = [];

/** Mean absolute difference, 0 to 1, of the sample clip's alpha in each of the frames decoded from a file, one of `comparedEvery`, to the one that the clip was rendered with. */
export function differencesFromTruth(frames: readonly Frame[]): number[] {
	const rendered = openScene(sampleScene, sampleSize);
	return frames.map((frame, i) =>
		meanDifference(frame, (truth[i] ??= rendered.frame(i * comparedEvery).alpha))
	);
}

/**
 * Writes a clip of a rendered scene.
 * @param grey without colours and almost without loss: every decoder then makes the same pixels of it
 */
export async function writeSceneClip(
	path: string,
	scene: Scene,
	size: Size,
	frames: number,
	{ grey = false } = {}
): Promise<void> {
	const drawn = openScene(scene, size);
	const pictures = Array.from({ length: frames }, (_, index) => drawn.frame(index).composite);
	const written = grey ? pictures.map(withoutColours) : pictures;
	await writeClip(path, written, { frameRate: 25, quality: grey ? 1 : 18, preset: 'ultrafast' });
}

function withoutColours({ width, height, data }: Frame): Frame {
	const grey = data.map((value, i) => (i % 4 === 3 ? value : data[4 * Math.floor(i / 4) + 1]!));
	return { width, height, data: grey };
}
