import { fromBase64, toBase64 } from './base64.ts';
import type { Size } from './frame.ts';
import { maskArea, type RunLengthMask } from './mask.ts';

/**
 * A run-length mask in few bytes, for keeping many. Coded are the edges, the positions at which the target begins and ends in turn, row by
 * row: each as its distance from where the row above lets expect it (`Expected`), zigzag-coded, seven bits a byte, least significant
 * first. A shape takes about one byte for each of its edges in each row.
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

/** @param mask of less than 2^30 pixels */
export function packMask(mask: RunLengthMask): PackedMask {
	const { width, height, counts } = mask;
	const bytes = new Uint8Array(5 * counts.length);
	const expected = new Expected(width);
	let length = 0;
	let edge = 0;
	for (const count of counts) {
		edge += count;
		const difference = edge - expected.next(edge - count);
		expected.add(edge);
		let rest = ((difference << 1) ^ (difference >> 31)) >>> 0;
		for (; rest > 127; rest >>>= 7) bytes[length++] = (rest & 127) | 128;
		bytes[length++] = rest;
	}
	return { width, height, bytes: bytes.slice(0, length), isEmpty: maskArea(mask) === 0 };
}

/** @throws RangeError when the bytes are not those of a mask of its size */
export function unpackMask({ width, height, bytes }: Omit<PackedMask, 'isEmpty'>): RunLengthMask {
	const counts: number[] = [];
	const expected = new Expected(width);
	let last = 0;
	for (let position = 0; position < bytes.length;) {
		let coded = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = bytes[position++];
			if (byte === undefined || shift > 28) throw new RangeError('a packed mask is cut off');
			coded |= (byte & 127) << shift;
			if (byte < 128) break;
		}
		const edge = expected.next(last) + ((coded >>> 1) ^ -(coded & 1));
		if (edge < last || edge > width * height) throw new RangeError('a packed mask has an edge out of order');
		expected.add(edge);
		counts.push(edge - last);
		last = edge;
	}
	if (last !== width * height) throw new RangeError('a packed mask is of another size');
	return { width, height, counts };
}

/** Where the next edge is to be expected: below the first edge of its kind in the row above that still lies ahead. */
class Expected {
	readonly #edges: number[] = [];
	/** The edge above, for those where the target begins and those where it ends. */
	readonly #above: [number, number] = [0, 1];

	constructor(private readonly width: number) {}

	/** @param last the edge before it */
	next(last: number): number {
		const edges = this.#edges;
		const kind = (edges.length % 2) as 0 | 1;
		let above = this.#above[kind];
		while (above < edges.length && edges[above]! + this.width <= last) above += 2;
		this.#above[kind] = above;
		return above < edges.length ? edges[above]! + this.width : last;
	}

	add(edge: number): void {
		this.#edges.push(edge);
	}
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
