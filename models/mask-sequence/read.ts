import { modelError } from '../errors.ts';
import type { Plane, Size } from '../frame.ts';
import { encodeMask } from '../mask.ts';
import { packAlpha, type PackedAlpha } from '../packed-alpha.ts';
import { packMask, type PackedMask } from '../packed-mask.ts';
import { fitPlane } from './fit.ts';
import type { PictureSequence } from './names.ts';
import type { MaskChannel, MaskPicture } from './picture.ts';
import type { Placing } from './placing.ts';

/** What masks are read from: pictures, or the frames of a video. */
export interface MaskSource {
	/** What the user calls it. */
	readonly name: string;
	readonly sequences: readonly PictureSequence[];
	/**
	 * Reads a picture by its `file` in a sequence.
	 * @throws CodedError `mask-unreadable`, `clip-damaged`
	 */
	read(file: number): Promise<MaskPicture>;
	close(): void;
}

/** A mask that was made elsewhere. */
export interface GivenMask {
	readonly mask: PackedMask;
	/** The same with its soft edge, where it has one that is to be kept. */
	readonly soft?: PackedAlpha;
}

/** Pictures that are looked at before anything is imported. */
const LOOKS = 5;

/** What a look at some pictures tells of all of them. */
export interface MasksLook {
	/** Of the first picture. */
	readonly size: Size;
	/** What says where the target is: the alpha, where a picture is not opaque. */
	readonly channel: MaskChannel;
	/** Whether there is an alpha at all. */
	readonly hasAlpha: boolean;
	/** Whether there is something between target and background. */
	readonly isSoft: boolean;
}

export interface ReadingOptions {
	/** Of the clip. */
	readonly size: Size;
	readonly channel: MaskChannel;
	/** Whether soft edges are kept. */
	readonly soft: boolean;
	readonly onPicture: () => void;
	readonly signal: AbortSignal;
}

/**
 * Looks at a few pictures, spread over all of them.
 * @throws CodedError `mask-unreadable`
 */
export async function lookAtMasks(source: MaskSource): Promise<MasksLook> {
	const files = source.sequences.flatMap(({ pictures }) => pictures.map(({ file }) => file));
	const count = Math.min(LOOKS, files.length);
	const chosen = Array.from(
		{ length: count },
		(_, i) => files[Math.round((i * (files.length - 1)) / Math.max(1, count - 1))]!
	);
	const pictures: MaskPicture[] = [];
	for (const file of chosen) pictures.push(await source.read(file));
	const alphas = pictures.flatMap(({ alpha }) => alpha ?? []);
	const channel = alphas.some(({ data }) => data.some((value) => value < 255)) ? 'alpha' : 'brightness';
	const { width, height } = pictures[0]!.brightness;
	return {
		...{ size: { width, height }, channel },
		hasAlpha: alphas.length > 0,
		isSoft: pictures.some((picture) => isSoft(planeOf(picture, channel)))
	};
}

/**
 * Reads the pictures of a sequence as masks of a clip's frames.
 * @throws CodedError `mask-shape`, `mask-unreadable`, `mask-empty` when none shows anything; the signal's reason when aborted
 */
export async function readMasks(
	source: MaskSource,
	{ pictures }: Placing,
	{ size, channel, soft, onPicture, signal }: ReadingOptions
): Promise<Map<number, GivenMask>> {
	const masks = new Map<number, GivenMask>();
	for (const [frame, { file }] of pictures) {
		signal.throwIfAborted();
		const plane = fitPlane(planeOf(await source.read(file), channel), size);
		const edge = soft && isSoft(plane) ? await packAlpha(plane) : undefined;
		masks.set(frame, { mask: packMask(encodeMask(plane)), soft: edge });
		onPicture();
	}
	signal.throwIfAborted();
	if (![...masks.values()].some(({ mask }) => !mask.isEmpty)) throw modelError('mask-empty');
	return masks;
}

function planeOf({ brightness, alpha }: MaskPicture, channel: MaskChannel): Plane {
	if (channel === 'brightness') return brightness;
	// A picture without an alpha among others that have one is opaque.
	return alpha ?? { ...brightness, data: new Uint8Array(brightness.data.length).fill(255) };
}

function isSoft({ data }: Plane): boolean {
	return data.some((value) => value > 0 && value < 255);
}
