import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeGreyPng } from '$models/png.ts';
import { decodeGreyPng } from './png.ts';

const size = { width: 37, height: 23 };
const data = Uint8Array.from({ length: 37 * 23 }, (_, i) => (i * i) % 256);

/** Replaces bytes of a file. */
async function changed(file: Blob, at: number, bytes: number[]): Promise<Blob> {
	const all = new Uint8Array(await file.arrayBuffer());
	all.set(bytes, at < 0 ? all.length + at : at);
	return new Blob([all]);
}

/** An 8-bit grey PNG of rows that are each led by their filter. */
function png(width: number, height: number, rows: Uint8Array): Blob {
	const chunk = (type: string, body: Uint8Array) => {
		const head = Buffer.alloc(4);
		head.writeUInt32BE(body.length);
		const named = Buffer.concat([Buffer.from(type), body]);
		const sum = Buffer.alloc(4);
		sum.writeUInt32BE(crc32(named));
		return Buffer.concat([head, named, sum]);
	};
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header[8] = 8;
	const packed = deflateSync(rows);
	const half = packed.length >> 1;
	return new Blob([
		Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
		chunk('IHDR', header),
		chunk('tEXt', Buffer.from('Comment\0of another writer')),
		chunk('IDAT', packed.subarray(0, half)),
		chunk('IDAT', packed.subarray(half)),
		chunk('IEND', Buffer.alloc(0))
	]);
}

describe('a grey PNG', () => {
	it('comes back as it was', async () => {
		expect(await decodeGreyPng(await encodeGreyPng({ ...size, data }), size)).toEqual({ ...size, data });
	});

	it('is read whatever filters its writer chose', async () => {
		const rows = [
			[0, 10, 20, 30],
			[1, 10, 10, 10],
			[2, 5, 5, 5],
			[3, 10, 5, 5],
			[4, 1, 1, 1]
		];
		const file = png(3, 5, Buffer.from(rows.flat()));
		expect([...(await decodeGreyPng(file, { width: 3, height: 5 })).data]).toEqual([
			...[10, 20, 30],
			...[10, 20, 30],
			...[15, 25, 35],
			...[17, 26, 35],
			...[18, 27, 36]
		]);
	});

	it('is refused when it is cut short, changed, or of another size', async () => {
		const file = await encodeGreyPng({ ...size, data });
		await expect(decodeGreyPng(file, { width: 37, height: 24 })).rejects.toThrow('37x23');
		for (const end of [0, 7, 20, 60, file.size - 12, file.size - 1]) {
			await expect(decodeGreyPng(file.slice(0, end), size)).rejects.toThrow();
		}
		await expect(decodeGreyPng(await changed(file, 60, [1, 2, 3]), size)).rejects.toThrow('a sum is wrong');
		await expect(decodeGreyPng(await changed(file, 0, [0]), size)).rejects.toThrow('no PNG');
	});

	it('is never inflated to more than its size', async () => {
		const bomb = png(3, 5, Buffer.alloc(50 * 2 ** 20));
		await expect(decodeGreyPng(bomb, { width: 3, height: 5 })).rejects.toThrow('more bytes');
		const short = png(3, 5, Buffer.alloc(19));
		await expect(decodeGreyPng(short, { width: 3, height: 5 })).rejects.toThrow('fewer bytes');
	});
});
