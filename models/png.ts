import type { Plane, Size } from './frame.ts';

/** What every PNG begins with. */
export const pngSignature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** What a header says after the size: bits, kind of colour, deflate, the standard filters, not interlaced. */
const pngFormats = { grey: [8, 0, 0, 0, 0], rgba: [8, 6, 0, 0, 0] } as const;

/**
 * Packs rows of pixels as a PNG, exactly; a canvas would manage colours and multiply them by the alpha.
 * @param rows each row after the byte that names its filter
 */
export async function packPng(
	{ width, height }: Size,
	format: keyof typeof pngFormats,
	rows: Uint8Array<ArrayBuffer>
): Promise<Blob> {
	const header = new Uint8Array(13);
	const view = new DataView(header.buffer);
	view.setUint32(0, width);
	view.setUint32(4, height);
	header.set(pngFormats[format], 8);
	const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'));
	const pixels = new Uint8Array(await new Response(packed).arrayBuffer());
	const parts = [
		pngSignature,
		pngChunk('IHDR', header),
		pngChunk('IDAT', pixels),
		pngChunk('IEND', new Uint8Array(0))
	];
	return new Blob(parts, { type: 'image/png' });
}

/** A plane as an 8-bit grey PNG. */
export function encodeGreyPng({ width, height, data }: Plane): Promise<Blob> {
	const rows = new Uint8Array((width + 1) * height);
	for (let y = 0; y < height; y++) rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
	return packPng({ width, height }, 'grey', rows);
}

/** A PNG's part: length, type, body, and the sum over the latter two. */
export function pngChunk(type: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(12 + body.length);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, body.length);
	bytes.set(new TextEncoder().encode(type), 4);
	bytes.set(body, 8);
	view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
	return bytes;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
	let rest = byte;
	for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
	return rest;
});

/** The sum that PNG puts behind each chunk. */
export function crc32(bytes: Uint8Array): number {
	let sum = 0xffffffff;
	for (const byte of bytes) sum = crcTable[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
	return (sum ^ 0xffffffff) >>> 0;
}
