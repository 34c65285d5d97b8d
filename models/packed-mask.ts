import { fromBase64, toBase64 } from './base64.ts';
import type { Size } from './frame.ts';
import { maskArea, type RunLengthMask } from './mask.ts';

/**
 * A run-length mask in few bytes, for keeping many: each count as its difference from the one two before it (the same edge, one row
 * above), zigzag-coded, seven bits a byte, least significant first. About one byte a count.
 */
export interface PackedMask extends Size {
	readonly bytes: Uint8Array;
	/** Whether it shows nothing of the target. */
	readonly isEmpty: boolean;
}

/** The same on its way in JSON: the bytes in base64. */
export interface PackedText extends Size {
	readonly packed: string;
}

/** A mask in either form in which it travels. */
export type TravellingMask = RunLengthMask | PackedText;

/** Counts of a mask are below 2^31. */
export function packMask(mask: RunLengthMask): PackedMask {
	const { width, height, counts } = mask;
	const bytes = new Uint8Array(5 * counts.length);
	let length = 0;
	for (let i = 0; i < counts.length; i++) {
		const difference = counts[i]! - (counts[i - 2] ?? 0);
		let rest = ((difference << 1) ^ (difference >> 31)) >>> 0;
		for (; rest > 127; rest >>>= 7) bytes[length++] = (rest & 127) | 128;
		bytes[length++] = rest;
	}
	return { width, height, bytes: bytes.slice(0, length), isEmpty: maskArea(mask) === 0 };
}

/** @throws RangeError when the bytes are not those of a mask of its size */
export function unpackMask({ width, height, bytes }: Omit<PackedMask, 'isEmpty'>): RunLengthMask {
	const counts: number[] = [];
	let total = 0;
	for (let position = 0; position < bytes.length;) {
		let coded = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = bytes[position++];
			if (byte === undefined || shift > 28) throw new RangeError('a packed mask is cut off');
			coded |= (byte & 127) << shift;
			if (byte < 128) break;
		}
		const count = ((coded >>> 1) ^ -(coded & 1)) + (counts[counts.length - 2] ?? 0);
		if (count < 0) throw new RangeError('a packed mask has a negative count');
		counts.push(count);
		total += count;
	}
	if (total !== width * height) throw new RangeError('a packed mask is of another size');
	return { width, height, counts };
}

export function packedText({ width, height, bytes }: PackedMask): PackedText {
	return { width, height, packed: toBase64(bytes) };
}

/** @throws RangeError, DOMException when the text is not that of a mask of its size */
export function parsePacked(text: PackedText): PackedMask {
	const { width, height } = text;
	return { width, height, bytes: fromBase64(text.packed), isEmpty: maskArea(openMask(text)) === 0 };
}

/** @throws RangeError, DOMException when it is packed, but not as a mask of its size */
export function openMask(mask: TravellingMask): RunLengthMask {
	if (!('packed' in mask)) return mask;
	const { width, height } = mask;
	return unpackMask({ width, height, bytes: fromBase64(mask.packed) });
}
