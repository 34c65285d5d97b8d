import type { Alpha, Frame, Mask, Size } from '../../models/frame.ts';
import { createForegroundEstimator } from '../../models/foreground.ts';
import type { Engine } from '../../models/matte-clip.ts';
import { defaultMatteOptions, type Matter, type MatterInput } from '../../models/matter.ts';
import type { Segmenter } from '../../models/segmenter.ts';
import { openScene, type Rendered, type Scene } from '../scenes/index.ts';
import { ClipErrors, type MatteErrors } from './metrics.ts';

/** How good a matte is, beside the binary masks that it was made from. */
export interface MatteQuality {
	readonly masks: MatteErrors;
	readonly matte: MatteErrors;
	/** Error of the target's colours along its edge (see `colourError`): those of the picture itself, and those estimated. */
	readonly colour: { readonly raw: number; readonly estimated: number };
}

export interface SceneQuality {
	readonly scene: string;
	/** Made from the true alpha, cut at one half. */
	readonly given: MatteQuality;
	/** Made from masks that the segmenter tracked from the first frame's true one, where the engine needs one for every frame. */
	readonly tracked?: MatteQuality;
}

/** Renders a scene and measures an engine on it, with the true masks and with its own. */
export async function measureQuality(
	scene: Scene,
	{ matter, segmenter }: Engine,
	{ size, frames }: { size: Size; frames: number }
): Promise<SceneQuality> {
	const truth = render(scene, size, frames);
	return {
		scene: scene.id,
		given: await matteQuality(matter, truth, trueMasks(truth)),
		tracked: segmenter && (await matteQuality(matter, truth, await trackedMasks(segmenter, truth)))
	};
}

export function render(scene: Scene, size: Size, frames: number): Rendered[] {
	const clip = openScene(scene, size);
	return Array.from({ length: frames }, (_, index) => clip.frame(index));
}

export function trueMasks(truth: readonly Rendered[]): Mask[] {
	return truth.map(({ alpha }) => binaryMask(alpha));
}

async function trackedMasks(segmenter: Segmenter, truth: readonly Rendered[]): Promise<Mask[]> {
	const [first, ...rest] = truth;
	const seed = { frame: first!.composite, mask: binaryMask(first!.alpha) };
	const masks = [seed.mask];
	for await (const mask of segmenter.track(seed, stream(rest.map(({ composite }) => composite))))
		masks.push(mask);
	return masks;
}

/** Mattes a clip from masks (a matter that needs keyframes only gets the first), and measures both against the truth. */
export async function matteQuality(
	matter: Matter,
	truth: readonly Rendered[],
	masks: readonly Mask[]
): Promise<MatteQuality> {
	const inputs = truth.map(({ composite }, index): MatterInput => {
		const needed = matter.masks === 'every-frame' || index === 0;
		return needed ? { frame: composite, mask: masks[index] } : { frame: composite };
	});
	const alphas: Alpha[] = [];
	for await (const { alpha } of matter.matte(stream(inputs), defaultMatteOptions)) alphas.push(alpha);
	return {
		masks: clipErrors(masks, truth),
		matte: clipErrors(alphas, truth),
		colour: colourErrors(alphas, truth)
	};
}

/** The target's pixels: those of which at least half is the target. */
export function binaryMask({ width, height, data }: Alpha): Mask {
	return { width, height, data: new Uint8Array(data).map((alpha) => (alpha >= 128 ? 255 : 0)) };
}

function clipErrors(predicted: readonly Alpha[], truth: readonly Rendered[]): MatteErrors {
	const errors = new ClipErrors();
	for (const [index, { alpha }] of truth.entries()) errors.add(predicted[index]!, alpha);
	return errors.mean;
}

function colourErrors(alphas: readonly Alpha[], truth: readonly Rendered[]): MatteQuality['colour'] {
	const estimate = createForegroundEstimator();
	let raw = 0;
	let estimated = 0;
	for (const [index, frame] of truth.entries()) {
		raw += colourError(frame.composite, frame);
		estimated += colourError(estimate(frame.composite, alphas[index]!), frame);
	}
	return { raw: raw / truth.length, estimated: estimated / truth.length };
}

/** Mean difference of the colours, in steps of 1/255, where the target covers a pixel in part; weighted by how much of it. */
function colourError(predicted: Frame, { alpha, foreground }: Rendered): number {
	let sum = 0;
	let weight = 0;
	for (const [pixel, a] of alpha.data.entries()) {
		if (a === 0 || a === 255) continue;
		for (let i = pixel * 4; i < pixel * 4 + 3; i++)
			sum += (a * Math.abs(predicted.data[i]! - foreground.data[i]!)) / 3;
		weight += a;
	}
	return weight === 0 ? 0 : sum / weight;
}

async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
	yield* items;
}
