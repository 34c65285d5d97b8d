import { expect, it } from 'vitest';
import { Canvas } from './canvas.ts';
import { ellipse, rectangle } from './shapes.ts';

/** Ten by ten pixels, one scene unit high. */
function paint(draw: (canvas: Canvas) => void, grid = 4): Float32Array {
	const canvas = new Canvas({ left: 0, top: 0, scale: 10, width: 10, height: 10 }, grid);
	const sums = new Float32Array(400);
	draw(canvas);
	canvas.collect(sums);
	return sums;
}
const pixel = (sums: Float32Array, x: number, y: number) => [
	...sums.subarray((y * 10 + x) * 4, (y * 10 + x) * 4 + 4)
];
const area = (sums: Float32Array) => sums.filter((_, i) => i % 4 === 3).reduce((sum, a) => sum + a / 255, 0);

it('covers a pixel by the part of it that lies inside', () => {
	const sums = paint((canvas) => canvas.fill(rectangle(0.25, 0.1, 0.2, 0.35), 0xff8000));
	expect(pixel(sums, 3, 2)).toEqual([255, 128, 0, 255]);
	expect(pixel(sums, 2, 2)).toEqual([127.5, 64, 0, 127.5]);
	expect(pixel(sums, 2, 4)).toEqual([63.75, 32, 0, 63.75]);
	expect(pixel(sums, 1, 2)).toEqual([0, 0, 0, 0]);
});

it('fills and strokes the same disc', () => {
	const exact = Math.PI * 9;
	expect(area(paint((canvas) => canvas.fill(ellipse(0.5, 0.5, 0.3, 0.3), 0)))).toBeCloseTo(exact, 0);
	expect(area(paint((canvas) => canvas.stroke([[0.5, 0.5]], 0.3, 0.3, 0)))).toBeCloseTo(exact, 0);
});

it('strokes a slanted line of the given thickness', () => {
	const sums = paint(
		(canvas) =>
			canvas.stroke(
				[
					[0.2, 0.2],
					[0.8, 0.7]
				],
				0.05,
				0.05,
				0
			),
		8
	);
	expect(area(sums)).toBeCloseTo(Math.hypot(6, 5) * 1 + Math.PI / 4, 0);
});

it('lays translucent paint over what is below', () => {
	const sums = paint((canvas) => {
		canvas.fill(rectangle(0, 0, 1, 0.5), 0x0000ff);
		canvas.fill(rectangle(0, 0, 1, 1), 0xff0000, (x) => (x < 0.5 ? 0.4 : 0));
	});
	expect(pixel(sums, 2, 2)).toEqual([102, 0, 153, 255]);
	expect(pixel(sums, 2, 7)).toEqual([102, 0, 0, 102]);
	expect(pixel(sums, 7, 2)).toEqual([0, 0, 255, 255]);
	expect(pixel(sums, 7, 7)).toEqual([0, 0, 0, 0]);
});

it('is empty again once collected', () => {
	const canvas = new Canvas({ left: 0, top: 0, scale: 10, width: 10, height: 10 }, 2);
	canvas.fill(rectangle(-1, -1, 3, 3), 0xffffff);
	canvas.collect(new Float32Array(400));
	const sums = new Float32Array(400);
	canvas.collect(sums);
	expect(area(sums)).toBe(0);
});
