import type { Frame } from '../../models/frame.ts';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
	for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
	return n;
});

/** A frame as a PNG, its straight colours exact: a canvas would multiply them by the alpha and round. */
export async function encodePng({ width, height, data }: Frame): Promise<Blob> {
	const header = new DataView(new ArrayBuffer(13));
	header.setUint32(0, width);
	header.setUint32(4, height);
	header.setUint8(8, 8); // bits
	header.setUint8(9, 6); // RGBA
	const rows = new Blob([differences(data, width * 4, height)]).stream();
	const packed = new Response(rows.pipeThrough(new CompressionStream('deflate')));
	return new Blob(
		[
			signature,
			...chunk('IHDR', new Uint8Array(header.buffer)),
			...chunk('IDAT', new Uint8Array(await packed.arrayBuffer())),
			...chunk('IEND', new Uint8Array())
		],
		{ type: 'image/png' }
	);
}

/** Each row as differences to the pixel on the left (filter 1). */
function differences(data: Frame['data'], stride: number, height: number): Uint8Array<ArrayBuffer> {
	const rows = new Uint8Array((stride + 1) * height);
	for (let y = 0, from = 0, to = 0; y < height; y++) {
		rows[to++] = 1;
		for (let x = 0; x < stride; x++, from++) rows[to++] = data[from]! - (x < 4 ? 0 : data[from - 4]!);
	}
	return rows;
}

function chunk(type: string, data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
	const name = Uint8Array.from(type, (letter) => letter.charCodeAt(0));
	const crc = ~update(update(~0, name), data);
	return [bigEndian(data.length), name, data, bigEndian(crc)];
}

function update(crc: number, data: Uint8Array): number {
	for (let i = 0; i < data.length; i++) crc = crcTable[(crc ^ data[i]!) & 255]! ^ (crc >>> 8);
	return crc;
}

function bigEndian(value: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value);
	return bytes;
}
