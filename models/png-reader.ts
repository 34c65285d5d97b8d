import type { Size } from './frame.ts';
import { inflate } from './inflate.ts';
import { crc32, pngSignature } from './png.ts';

/** Samples of a pixel by the kind of colour: grey, RGB, a number in the palette, grey and alpha, RGBA. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** What the header of a PNG says. */
export interface PngHeader extends Size {
	/** Of a sample: 1, 2, 4, 8 or 16. */
	readonly bits: number;
	/** The kind of colour: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
	readonly colour: number;
	/** Samples of a pixel. */
	readonly channels: number;
}

/** A PNG as it was stored. */
export interface PngPicture extends PngHeader {
	/** Row by row, each row in whole bytes; samples of 16 bits have their high byte first. */
	readonly rows: Uint8Array;
	/** RGB, where `rows` are numbers in it. */
	readonly palette?: Uint8Array;
	/** The alpha of the first colours of the palette; the others are opaque. */
	readonly transparency?: Uint8Array;
}

/**
 * Reads a PNG that is not interlaced, its samples exactly as they were stored: a browser would manage the colours and multiply them by
 * the alpha.
 * @param check refuses a picture by its header, before anything is inflated
 * @throws Error when it is damaged or interlaced
 */
export async function readPng(file: Blob, check: (header: PngHeader) => void): Promise<PngPicture> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	if (!pngSignature.every((byte, i) => bytes[i] === byte)) throw new Error('no PNG');
	const pixels: Uint8Array<ArrayBuffer>[] = [];
	let header: PngHeader | undefined;
	let [palette, transparency]: (Uint8Array | undefined)[] = [];
	for (let at = pngSignature.length, type = ''; type !== 'IEND';) {
		const chunk = readChunk(bytes, at);
		const { body } = chunk;
		[type, at] = [chunk.type, chunk.next];
		if (!header && type !== 'IHDR') throw new Error('no header');
		if (type === 'IHDR') check((header = readHeader(body)));
		else if (type === 'IDAT') pixels.push(body);
		else if (type === 'PLTE') palette = body;
		else if (type === 'tRNS') transparency = body;
	}
	const { width, height, bits, channels } = header!;
	const stride = Math.ceil((width * channels * bits) / 8);
	const filtered = await inflate(new Blob(pixels), 'deflate', (stride + 1) * height);
	const rows = unfilter(filtered, stride, Math.ceil((channels * bits) / 8));
	return { ...header!, rows, palette, transparency };
}

function readHeader(header: Uint8Array): PngHeader {
	if (header.length !== 13) throw new Error('the header is damaged');
	const view = new DataView(header.buffer, header.byteOffset);
	const [bits, colour, compression, filter, interlace] = header.subarray(8) as unknown as number[];
	const channels = channelsOf[colour!];
	if (!channels || compression !== 0 || filter !== 0) throw new Error('a PNG of an unknown kind');
	if (![1, 2, 4, 8, 16].includes(bits!)) throw new Error(`samples of ${bits} bits`);
	if (interlace !== 0) throw new Error('interlaced');
	return { width: view.getUint32(0), height: view.getUint32(4), bits: bits!, colour: colour!, channels };
}

function readChunk(bytes: Uint8Array<ArrayBuffer>, at: number) {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	const end = at + 8 + (at + 12 <= bytes.length ? view.getUint32(at) : Infinity);
	if (end + 4 > bytes.length) throw new Error('ends early');
	if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) throw new Error('a sum is wrong');
	const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
	return { type, body: bytes.subarray(at + 8, end), next: end + 4 };
}

/**
 * Undoes what was done to each row, as the byte before it says, from the pixels left, above and above left.
 * @param step bytes from a sample to the same one of the next pixel
 */
function unfilter(filtered: Uint8Array, stride: number, step: number): Uint8Array {
	const data = new Uint8Array((filtered.length / (stride + 1)) * stride);
	let above = new Uint8Array(stride);
	for (let from = 0, to = 0; to < data.length; from += stride + 1, to += stride) {
		const row = filtered.subarray(from + 1, from + 1 + stride);
		const out = data.subarray(to, to + stride);
		undo(filtered[from]!, row, out, above, step);
		above = out;
	}
	return data;
}

function undo(filter: number, row: Uint8Array, out: Uint8Array, above: Uint8Array, step: number): void {
	if (filter === 0) return out.set(row);
	if (filter === 1) for (let x = 0; x < row.length; x++) out[x] = row[x]! + (x < step ? 0 : out[x - step]!);
	else if (filter === 2) for (let x = 0; x < row.length; x++) out[x] = row[x]! + above[x]!;
	else if (filter === 3)
		for (let x = 0; x < row.length; x++)
			out[x] = row[x]! + (((x < step ? 0 : out[x - step]!) + above[x]!) >> 1);
	else if (filter === 4)
		for (let x = 0; x < row.length; x++)
			out[x] = row[x]! + (x < step ? above[x]! : nearestOf(out[x - step]!, above[x]!, above[x - step]!));
	else throw new Error('unknown filter');
}

/** The neighbour that is nearest to what they lead to expect (Paeth). */
function nearestOf(left: number, up: number, upLeft: number): number {
	const guess = left + up - upLeft;
	const [toLeft, toUp, toUpLeft] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)];
	if (toLeft <= toUp && toLeft <= toUpLeft) return left;
	return toUp <= toUpLeft ? up : upLeft;
}
