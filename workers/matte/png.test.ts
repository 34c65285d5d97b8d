import { crc32, inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { encodePng } from './png.ts';

it('keeps every channel as it is, transparent colours too', async () => {
	const [width, height] = [5, 3];
	const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i * 37) % 256);
	const blob = await encodePng({ width, height, data });
	expect(blob.type).toBe('image/png');
	const file = Buffer.from(await blob.arrayBuffer());
	expect(file.toString('latin1', 0, 8)).toBe('\x89PNG\r\n\x1a\n');

	const chunks = new Map<string, Buffer>();
	for (let at = 8; at < file.length;) {
		const length = file.readUInt32BE(at);
		const body = file.subarray(at + 4, at + 8 + length);
		expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
		chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
		at += 12 + length;
	}
	expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
	// Width, height, 8 bits, RGBA, deflate, the five filters, not interlaced.
	expect([...chunks.get('IHDR')!]).toEqual([0, 0, 0, width, 0, 0, 0, height, 8, 6, 0, 0, 0]);

	const rows = inflateSync(chunks.get('IDAT')!);
	const pixels = new Uint8Array(data.length);
	for (let y = 0, from = 0, to = 0; y < height; y++) {
		expect(rows[from++]).toBe(1); // each byte as the difference to the pixel on the left
		for (let x = 0; x < width * 4; x++, to++) pixels[to] = rows[from++]! + (x < 4 ? 0 : pixels[to - 4]!);
	}
	expect(pixels).toEqual(data);
});
