import { sameSize, type Plane, type Size } from '$models/frame.ts';
import { crc32, packPng, pngFormats, pngSignature } from '$models/png.ts';

/** Bytes that a file may have beyond its pixels, for texts and the like. */
const overhead = 2 ** 20;

/** Writes a plane as an 8-bit grey PNG. */
export function encodeGreyPng({ width, height, data }: Plane): Promise<Blob> {
	const rows = new Uint8Array((width + 1) * height);
	for (let y = 0; y < height; y++) {
		rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
	}
	return packPng({ width, height }, 'grey', rows);
}

/**
 * Reads an 8-bit grey PNG of a known size; one of another size is refused before it is inflated.
 * @throws Error when it is damaged or of another kind or size
 */
export async function decodeGreyPng(file: Blob, { width, height }: Size): Promise<Plane> {
	if (file.size > (width + 1) * height + overhead) throw new Error('larger than its pixels');
	const bytes = new Uint8Array(await file.arrayBuffer());
	if (!pngSignature.every((byte, i) => bytes[i] === byte)) throw new Error('no PNG');
	const pixels: Uint8Array<ArrayBuffer>[] = [];
	let ended = false;
	for (let at = pngSignature.length; !ended;) {
		const { type, body, next } = readChunk(bytes, at);
		if (type === 'IHDR') checkHeader(body, { width, height });
		else if (at === pngSignature.length) throw new Error('no header');
		else if (type === 'IDAT') pixels.push(body);
		ended = type === 'IEND';
		at = next;
	}
	const rows = await inflate(new Blob(pixels), (width + 1) * height);
	return { width, height, data: unfilter(rows, width, height) };
}

function checkHeader(header: Uint8Array, size: Size): void {
	if (header.length !== 13) throw new Error('the header is damaged');
	const view = new DataView(header.buffer, header.byteOffset);
	const found = { width: view.getUint32(0), height: view.getUint32(4) };
	if (!pngFormats.grey.every((value, i) => header[8 + i] === value)) throw new Error('not 8-bit grey');
	if (!sameSize(found, size)) throw new Error(`it is ${found.width}x${found.height}`);
}

/** Inflates to exactly so many bytes, never to more. */
async function inflate(packed: Blob, bytes: number): Promise<Uint8Array> {
	const all = new Uint8Array(bytes);
	let filled = 0;
	const inflated = packed.stream().pipeThrough(new DecompressionStream('deflate'));
	const fill = new WritableStream<Uint8Array>({
		write(piece) {
			if (filled + piece.length > bytes) throw new Error('more pixels than the header says');
			all.set(piece, filled);
			filled += piece.length;
		}
	});
	await inflated.pipeTo(fill);
	if (filled !== bytes) throw new Error('fewer pixels than the header says');
	return all;
}

/** Undoes what was done to each row, as its first byte says, from the pixels left, above and above left. */
function unfilter(rows: Uint8Array, width: number, height: number): Uint8Array {
	const data = new Uint8Array(width * height);
	for (let y = 0; y < height; y++) {
		const filter = rows[y * (width + 1)]!;
		const row = rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1));
		const out = data.subarray(y * width, (y + 1) * width);
		const above = y > 0 ? data.subarray((y - 1) * width, y * width) : new Uint8Array(width);
		if (filter === 0) out.set(row);
		else if (filter > 4) throw new Error('unknown filter');
		else
			for (let x = 0; x < width; x++)
				out[x] = row[x]! + predict(filter, out[x - 1] ?? 0, above[x]!, above[x - 1] ?? 0);
	}
	return data;
}

function predict(filter: number, left: number, up: number, upLeft: number): number {
	if (filter === 1) return left;
	if (filter === 2) return up;
	if (filter === 3) return (left + up) >> 1;
	const guess = left + up - upLeft;
	const [toLeft, toUp, toUpLeft] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)];
	if (toLeft <= toUp && toLeft <= toUpLeft) return left;
	return toUp <= toUpLeft ? up : upLeft;
}

function readChunk(bytes: Uint8Array<ArrayBuffer>, at: number) {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	const end = at + 8 + (at + 12 <= bytes.length ? view.getUint32(at) : Infinity);
	if (end + 4 > bytes.length) throw new Error('ends early');
	if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) throw new Error('a sum is wrong');
	const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
	return { type, body: bytes.subarray(at + 8, end), next: end + 4 };
}
