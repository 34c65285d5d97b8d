import { describe, expect, it } from 'vitest';
import type { Alpha, Frame, Mask, Size } from '../frame.ts';
import { Canvas, type Window } from './canvas.ts';
import { enlarge, meanColours, nearestIndices } from './resample.ts';

/** A frame whose red tells the column, green the row, from 1 on. */
function frameOf({ width, height }: Size): Frame {
	const data = new Uint8Array(width * height * 4);
	for (let i = 0; i < width * height; i++) {
		data.set([1 + (i % width), 1 + Math.floor(i / width), 9, 255], 4 * i);
	}
	return { width, height, data };
}

/** What a window shows of the frame: red as alpha. */
function redIn(canvas: Canvas, frame: Frame, window: Window): Float32Array {
	const rgb = new Uint8Array(window.width * window.height * 3).fill(77);
	canvas.drawFrame(frame, window, rgb);
	return Float32Array.from({ length: window.width * window.height }, (_, i) => rgb[3 * i]! / 255);
}

const red = ({ data }: Frame) => Uint8Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]!);
const bytes = ({ data }: Alpha) => Uint8Array.from(data);

describe('a canvas', () => {
	it.each([
		[160, 96, 160, 96],
		[161, 97, 176, 112],
		[175, 111, 176, 112],
		[40, 200, 96, 208],
		[1920, 1080, 1920, 1088]
	])('of a picture of %i x %i is of %i x %i', (width, height, canvasWidth, canvasHeight) => {
		const { all, picture } = new Canvas({ width, height }, -1);
		expect(all).toEqual({ x: 0, y: 0, width: canvasWidth, height: canvasHeight });
		expect(picture).toEqual({ width, height });
	});

	it('has the picture in its middle, and zeros around it, one more after it where they are odd', () => {
		const size = { width: 101, height: 98 };
		const canvas = new Canvas(size, -1);
		const rgb = new Uint8Array(112 * 112 * 3).fill(77);
		canvas.drawFrame(frameOf(size), canvas.all, rgb);
		const pixel = (x: number, y: number) => [...rgb.subarray(3 * (y * 112 + x), 3 * (y * 112 + x) + 3)];
		expect([pixel(4, 7), pixel(5, 6)]).toEqual([
			[0, 0, 0],
			[0, 0, 0]
		]);
		expect([pixel(5, 7), pixel(105, 104)]).toEqual([
			[1, 1, 9],
			[101, 98, 9]
		]);
		expect([pixel(106, 104), pixel(105, 105)]).toEqual([
			[0, 0, 0],
			[0, 0, 0]
		]);
	});

	it.each([
		[112, 96],
		[101, 98],
		[33, 150]
	])('gives an alpha for every pixel of %i x %i, at its place', (width, height) => {
		const canvas = new Canvas({ width, height }, -1);
		const frame = frameOf({ width, height });
		const alpha = canvas.alphaOf(redIn(canvas, frame, canvas.all), canvas.all);
		expect(alpha).toMatchObject({ width, height });
		expect(bytes(alpha)).toEqual(red(frame));
	});

	it('pastes what a window shows to where it belongs', () => {
		const size = { width: 150, height: 130 };
		const canvas = new Canvas(size, -1);
		const frame = frameOf(size);
		const window = { x: 32, y: 80, width: 96, height: 64 };
		const { data } = canvas.alphaOf(redIn(canvas, frame, window), window);
		const [left, top] = [32 - 5, 80 - 7];
		const expected = red(frame).map((value, i) => {
			const [x, y] = [i % 150, Math.floor(i / 150)];
			return x >= left && x < left + 96 && y >= top && y < top + 64 ? value : 0;
		});
		expect(Uint8Array.from(data)).toEqual(expected);
	});

	it('draws a mask as it draws frames', () => {
		const size = { width: 101, height: 98 };
		const canvas = new Canvas(size, -1);
		const mask: Mask = { ...size, data: new Uint8Array(101 * 98).fill(255) };
		const values = canvas.drawMask(mask, canvas.all);
		expect(bytes(canvas.alphaOf(values, canvas.all))).toEqual(Uint8Array.from(mask.data));
		expect(values.reduce((sum, value) => sum + value)).toBe(101 * 98);
	});

	it('works on a smaller picture, and gives alphas of the size of the source', () => {
		const size = { width: 300, height: 200 };
		const canvas = new Canvas(size, 100);
		expect(canvas.picture).toEqual({ width: 150, height: 100 });
		expect(canvas.all).toMatchObject({ width: 160, height: 112 });
		const frame = frameOf({ width: 300, height: 200 });
		for (let i = 0; i < 300 * 200; i++) frame.data[4 * i] = (i % 300) / 2;
		const alpha = canvas.alphaOf(redIn(canvas, frame, canvas.all), canvas.all);
		const expected = red(frame);
		const differences = bytes(alpha).map((value, i) => Math.abs(value - expected[i]!));
		expect(alpha).toMatchObject(size);
		expect(Math.max(...differences)).toBeLessThanOrEqual(1);
	});
});

// The numbers are PyTorch's: torch.nn.functional.interpolate.
describe('resampling', () => {
	it('shrinks as its `area`', () => {
		const data = Uint8Array.from([0, 10, 40, 90, 160, 250, 30].flatMap((value) => [value, 0, value, 255]));
		const rgb = new Uint8Array(9);
		meanColours({ width: 7, height: 1, data }, { width: 3, height: 1 }, { y: 0, left: 0, right: 3 }, rgb);
		expect([...rgb]).toEqual([17, 0, 17, 97, 0, 97, 147, 0, 147]);
	});

	it('picks as its `nearest`', () => {
		expect([...nearestIndices(7, 3)]).toEqual([0, 2, 4]);
	});

	it('enlarges as its `bilinear`', () => {
		const values = Float32Array.of(0, 1, 0.5, 1, 0.25, 0);
		const enlarged = enlarge(values, { width: 3, height: 2 }, { width: 5, height: 3 });
		expect([...enlarged]).toEqual([0, 102, 255, 178, 128, 128, 140, 159, 102, 64, 255, 178, 64, 25, 0]);
	});
});
