import { readPng, type PngHeader, type PngPicture } from '../png-reader.ts';
import { modelError } from '../errors.ts';
import type { Plane, Size } from '../frame.ts';

/** What of a picture says where the target is: its brightest colour, or its alpha. */
export type MaskChannel = 'brightness' | 'alpha';

/** A picture as a mask may be read from it. */
export interface MaskPicture {
	readonly brightness: Plane;
	/** Absent where the picture has none. */
	readonly alpha?: Plane;
}

/** The longest side of a picture. */
const mostSide = 16384;

/**
 * Reads a PNG of any kind, 1 to 16 bits a sample, which come out as 8.
 * @param name for messages
 * @throws CodedError `mask-unreadable`
 */
export async function readMaskPng(file: Blob, name: string): Promise<MaskPicture> {
	try {
		return planesOf(await readPng(file, checkSize));
	} catch (cause) {
		throw modelError('mask-unreadable', { name }, { cause });
	}
}

/** The planes of straight RGBA, 8 bits each. */
export function planesOfRgba({ width, height }: Size, rgba: Uint8Array | Uint8ClampedArray): MaskPicture {
	const brightness = new Uint8Array(width * height);
	const alpha = new Uint8Array(width * height);
	for (let i = 0, at = 0; i < alpha.length; i++, at += 4) {
		brightness[i] = Math.max(rgba[at]!, rgba[at + 1]!, rgba[at + 2]!);
		alpha[i] = rgba[at + 3]!;
	}
	return { brightness: { width, height, data: brightness }, alpha: { width, height, data: alpha } };
}

function checkSize({ width, height }: PngHeader): void {
	const isSensible = width > 0 && height > 0 && width <= mostSide && height <= mostSide;
	if (!isSensible) throw new Error(`it is ${width}x${height}`);
}

function planesOf(picture: PngPicture): MaskPicture {
	const { width, height, channels, colour, palette } = picture;
	const samples = samplesOf(picture);
	if (palette) return planesOfPalette(picture, samples);
	const brightness = new Uint8Array(width * height);
	const alpha = colour >= 4 ? new Uint8Array(width * height) : undefined;
	for (let i = 0, at = 0; i < brightness.length; i++, at += channels) {
		const first = samples[at]!;
		brightness[i] = channels < 3 ? first : Math.max(first, samples[at + 1]!, samples[at + 2]!);
		if (alpha) alpha[i] = samples[at + channels - 1]!;
	}
	return {
		brightness: { width, height, data: brightness },
		alpha: alpha && { width, height, data: alpha }
	};
}

function planesOfPalette(
	{ width, height, palette, transparency }: PngPicture,
	numbers: Uint8Array
): MaskPicture {
	const colours = Array.from({ length: palette!.length / 3 }, (_, i) =>
		Math.max(palette![3 * i]!, palette![3 * i + 1]!, palette![3 * i + 2]!)
	);
	const brightness = numbers.map((number) => colours[number] ?? 0);
	const alpha = transparency && numbers.map((number) => transparency[number] ?? 255);
	return {
		brightness: { width, height, data: brightness },
		alpha: alpha && { width, height, data: alpha }
	};
}

/** One byte for each sample: its number in a palette, else 0 to 255, whatever its bits. */
function samplesOf({ width, height, bits, channels, palette, rows }: PngPicture): Uint8Array {
	if (bits === 8) return rows;
	const samples = new Uint8Array(width * height * channels);
	if (bits === 16) {
		for (let i = 0; i < samples.length; i++)
			samples[i] = Math.round((rows[2 * i]! * 256 + rows[2 * i + 1]!) / 257);
		return samples;
	}
	const perRow = width * channels;
	const stride = rows.length / height;
	const most = 2 ** bits - 1;
	const scale = palette ? 1 : 255 / most;
	for (let y = 0, i = 0; y < height; y++) {
		for (let x = 0; x < perRow; x++, i++) {
			const bit = x * bits;
			const byte = rows[y * stride + (bit >> 3)]!;
			samples[i] = ((byte >> (8 - bits - (bit & 7))) & most) * scale;
		}
	}
	return samples;
}
