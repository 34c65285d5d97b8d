import { describe, expect, it } from 'vitest';
import { planesOfRgba, readMaskPng } from './picture.ts';
import { pngOf, type PngParts } from './png.fixture.ts';

const read = async (parts: Partial<PngParts>) => {
	const file = await pngOf({ width: 2, height: 1, bits: 8, colour: 0, rows: [], ...parts });
	const { brightness, alpha } = await readMaskPng(file, 'mask.png');
	return { brightness: [...brightness.data], alpha: alpha && [...alpha.data] };
};

describe('a mask from a PNG', () => {
	it('is the brightness of grey and of colour, as it was stored', async () => {
		expect(await read({ rows: [0, 7, 200] })).toEqual({ brightness: [7, 200] });
		expect(await read({ colour: 2, rows: [0, 1, 2, 3, 90, 80, 70] })).toEqual({ brightness: [3, 90] });
	});

	it('has its alpha beside it, which nothing is multiplied by', async () => {
		expect(await read({ colour: 4, rows: [0, 255, 1, 30, 128] })).toEqual({
			...{ brightness: [255, 30], alpha: [1, 128] }
		});
		expect(await read({ colour: 6, rows: [0, 255, 254, 253, 0, 1, 2, 3, 255] })).toEqual({
			...{ brightness: [255, 3], alpha: [0, 255] }
		});
	});

	it('is brought from 16 bits to 8 by rounding, whichever filter its rows have', async () => {
		const high = [0xff, 0xff, 0x80, 0x80];
		expect(await read({ bits: 16, rows: [0, ...high] })).toEqual({ brightness: [255, 128] });
		// The second pixel as its difference to the first, two bytes before it.
		expect(await read({ bits: 16, rows: [1, 0x12, 0x34, 0x01, 0x01] })).toEqual({ brightness: [18, 19] });
		expect(await read({ width: 3, bits: 16, colour: 0, rows: [0, 0, 128, 0, 129, 0xfe, 0xff] })).toEqual({
			brightness: [0, 1, 254]
		});
	});

	it('is spread from fewer bits to the whole range, each row on bytes of its own', async () => {
		expect(await read({ width: 10, height: 1, bits: 1, rows: [0, 0b10100000, 0b01000000] })).toEqual({
			brightness: [255, 0, 255, 0, 0, 0, 0, 0, 0, 255]
		});
		expect(await read({ width: 3, height: 2, bits: 2, rows: [0, 0b00011000, 0, 0b11000100] })).toEqual({
			brightness: [0, 85, 170, 255, 0, 85]
		});
		expect(await read({ width: 1, height: 2, bits: 4, rows: [0, 0xf0, 0, 0x80] })).toEqual({
			brightness: [255, 136]
		});
	});

	it('is looked up where it is numbers of a palette', async () => {
		const palette = [0, 0, 0, 128, 0, 0, 0, 128, 0];
		const about = { colour: 3, palette, transparency: [0, 200] };
		expect(await read({ ...about, width: 3, rows: [0, 0, 1, 2] })).toEqual({
			...{ brightness: [0, 128, 128], alpha: [0, 200, 255] }
		});
		expect(await read({ ...about, bits: 4, rows: [0, 0x12] })).toEqual({
			...{ brightness: [128, 128], alpha: [200, 255] }
		});
	});

	it('is refused by its name when it is damaged, interlaced, or no PNG', async () => {
		const refused = { code: 'mask-unreadable', params: { name: 'mask.png' } };
		await expect(read({ rows: [0, 1] })).rejects.toMatchObject(refused);
		await expect(read({ rows: [0, 1, 2], interlaced: true })).rejects.toMatchObject(refused);
		await expect(read({ width: 100_000, rows: [] })).rejects.toMatchObject(refused);
		await expect(readMaskPng(new Blob(['none']), 'mask.png')).rejects.toMatchObject(refused);
	});
});

describe('a mask from a drawn picture', () => {
	it('is its brightest colour, with the alpha beside it', () => {
		const { brightness, alpha } = planesOfRgba(
			{ width: 2, height: 1 },
			Uint8Array.of(9, 2, 3, 4, 5, 6, 7, 8)
		);
		expect([...brightness.data]).toEqual([9, 7]);
		expect([...alpha!.data]).toEqual([4, 8]);
	});
});
