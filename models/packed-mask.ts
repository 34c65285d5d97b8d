import { fromBase64, toBase64 } from './base64.ts';
import type { Size } from './frame.ts';
import { maskArea, type RunLengthMask } from './mask.ts';

/**
 * A run-length mask in few bytes, for keeping many. Coded are the edges, the positions at which the target begins and ends in turn, row by
 * row: each as its distance from where the row above lets expect it (`Expected`). Distances are zigzag-coded and written three bits at a
 * time in half a byte, least significant first, whose fourth bit says that more follow; low halves come first, and a last half that is
 * not needed is 8. A shape takes about half a byte for each of its edges in each row.
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

/** Says that more bits of a number follow. */
const MORE = 8;

/** A mask in either form in which it travels. */
export type TravellingMask = RunLengthMask | PackedText;

/** @param mask of less than 2^30 pixels */
export function packMask(mask: RunLengthMask): PackedMask {
	const { width, height, counts } = mask;
	// Eleven halves hold 33 bits.
	const bytes = new Uint8Array(Math.ceil((11 * counts.length) / 2));
	const expected = new Expected(width);
	let length = 0;
	const put = (half: number) => {
		bytes[length >> 1]! |= half << (4 * (length & 1));
		length++;
	};
	let edge = 0;
	for (const count of counts) {
		const difference = edge + count - expected.next(edge);
		edge += count;
		expected.add(edge);
		let rest = ((difference << 1) ^ (difference >> 31)) >>> 0;
		for (; rest > 7; rest >>>= 3) put((rest & 7) | MORE);
		put(rest);
	}
	if (length % 2 === 1) put(MORE);
	return { width, height, bytes: bytes.slice(0, length / 2), isEmpty: maskArea(mask) === 0 };
}

/** @throws RangeError when the bytes are not those of a mask of its size */
export function unpackMask({ width, height, bytes }: Omit<PackedMask, 'isEmpty'>): RunLengthMask {
	const counts: number[] = [];
	const expected = new Expected(width);
	let last = 0;
	let coded = 0;
	let shift = 0;
	for (let i = 0; i < 2 * bytes.length; i++) {
		const half = (bytes[i >> 1]! >> (4 * (i & 1))) & 15;
		coded |= (half & 7) << shift;
		shift += 3;
		if (half >= MORE) continue;
		const edge = expected.next(last) + ((coded >>> 1) ^ -(coded & 1));
		if (edge < last || edge > width * height || shift > 33)
			throw new RangeError('a packed mask has an edge out of order');
		expected.add(edge);
		counts.push(edge - last);
		last = edge;
		coded = shift = 0;
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

/**
 * Whether a mask shows nothing of the target, without opening large ones: an empty one is packed in a few letters.
 * @throws RangeError, DOMException when it is packed, but damaged
 */
export function isEmptyOnItsWay(mask: TravellingMask): boolean {
	return !('packed' in mask && mask.packed.length > 32) && maskArea(openMask(mask)) === 0;
}
