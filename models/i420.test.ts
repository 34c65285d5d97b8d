import { describe, expect, it } from 'vitest';
import { greyToI420, rgbToI420 } from './i420.ts';

const pixel = (r: number, g: number, b: number) => r | (g << 8) | (b << 16) | (255 << 24);

describe('rgbToI420', () => {
	it.each([
		['black', [0, 0, 0], [16, 128, 128]],
		['white', [255, 255, 255], [235, 128, 128]],
		['grey', [128, 128, 128], [126, 128, 128]],
		['red', [255, 0, 0], [63, 102, 240]],
		['green', [0, 255, 0], [173, 42, 26]],
		['blue', [0, 0, 255], [32, 240, 118]]
	])('codes %s as BT.709 does', (_, [r, g, b], expected) => {
		const { data } = rgbToI420(new Int32Array(4).fill(pixel(r!, g!, b!)), { width: 2, height: 2 });
		expect([...data]).toEqual([...Array<number>(4).fill(expected[0]!), expected[1], expected[2]]);
	});

	it('takes the mean of four pixels for chroma, and of what there is at an odd border', () => {
		const [red, blue] = [pixel(255, 0, 0), pixel(0, 0, 255)];
		const { data } = rgbToI420(Int32Array.of(red, blue, red, red, blue, blue, blue, blue, red), {
			width: 3,
			height: 3
		});
		expect(data.length).toBe(9 + 2 * 4);
		expect([...data.subarray(9, 13)]).toEqual([171, 171, 240, 102]);
	});
});

it('a plane becomes luma as it is, without colour', () => {
	const luma = Uint8Array.from({ length: 6 }, (_, i) => i * 51);
	const { data } = greyToI420({ width: 3, height: 2, data: luma });
	expect([...data]).toEqual([...luma, 128, 128, 128, 128]);
});
