import { describe, expect, it } from 'vitest';
import type { Frame, Plane } from '../frame.ts';
import { drawFrame, drawPlane, pasteAlpha } from './draw.ts';
import { wholeView, type View } from './view.ts';

function planeOf(width: number, height: number, at: (x: number, y: number) => number): Plane {
	const data = Uint8Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width)));
	return { width, height, data };
}

const disc = (width: number, height: number, radius: number) =>
	planeOf(width, height, (x, y) => {
		const distance = Math.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2);
		return 255 * Math.min(1, Math.max(0, radius - distance));
	});

describe('drawing', () => {
	it('takes pixels as they are where nothing is made smaller, and repeats the border', () => {
		const frame: Frame = {
			...{ width: 70, height: 50 },
			data: Uint8Array.from({ length: 4 * 70 * 50 }, (_, i) => (i * 37) % 256)
		};
		const view = wholeView(frame, 1024);
		expect(view).toEqual({ x: 0, y: 0, scale: 1, canvas: { width: 128, height: 64 } });
		const drawn = drawFrame(frame, view);
		const expected = Float32Array.from({ length: 3 * 128 * 64 }, (_, i) => {
			const [c, y, x] = [Math.floor(i / (128 * 64)), Math.floor(i / 128) % 64, i % 128];
			return frame.data[4 * (Math.min(y, 49) * 70 + Math.min(x, 69)) + c]! / 255;
		});
		expect(drawn.every((value, i) => Math.abs(value - expected[i]!) < 1e-6)).toBe(true);
	});

	it('keeps the proportions', () => {
		expect(wholeView({ width: 1920, height: 1080 }, 1024).canvas).toEqual({ width: 1024, height: 576 });
		expect(wholeView({ width: 1080, height: 1920 }, 1024).canvas).toEqual({ width: 576, height: 1024 });
		expect(wholeView({ width: 1920, height: 800 }, 1024).canvas).toEqual({ width: 1024, height: 448 });
		const drawn = drawPlane(disc(600, 300, 100), wholeView({ width: 600, height: 300 }, 256));
		const column = Array.from({ length: 128 }, (_, y) => drawn[256 * y + 128]!);
		const row = drawn.subarray(256 * 64, 256 * 65);
		const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b);
		expect(sum(column)).toBeCloseTo((200 * 256) / 600, 0);
		expect(sum(row)).toBeCloseTo((200 * 256) / 600, 0);
	});

	it('shows stripes that are too fine as grey', () => {
		const stripes = planeOf(384, 384, (x) => 255 * (x % 2));
		const drawn = drawPlane(stripes, wholeView(stripes, 128));
		const inside = drawn.filter((_, i) => i % 128 > 2 && i % 128 < 125);
		expect(inside.every((value) => Math.abs(value - 0.5) < 0.06)).toBe(true);
	});

	it('stays between black and white', () => {
		const drawn = drawPlane(disc(400, 400, 90), wholeView({ width: 400, height: 400 }, 128));
		expect(drawn.every((value) => value >= 0 && value <= 1)).toBe(true);
	});
});

describe('pasteAlpha', () => {
	it('gives back what was drawn', () => {
		const alpha = disc(90, 70, 20);
		const view: View = { x: 10, y: 0, scale: 1, canvas: { width: 64, height: 64 } };
		expect(pasteAlpha(drawPlane(alpha, view), view, alpha)).toEqual(alpha.data);
	});

	it('gives it back nearly where it was made smaller', () => {
		const alpha = disc(300, 200, 60);
		for (const view of [
			wholeView(alpha, 128),
			{ x: 70, y: 20, scale: 1.3, canvas: { width: 128, height: 128 } }
		]) {
			const pasted = pasteAlpha(drawPlane(alpha, view), view, alpha);
			const wrong = pasted.reduce((sum, value, i) => sum + Math.abs(value - alpha.data[i]!), 0) / 255;
			expect(wrong).toBeLessThan(0.03 * Math.PI * 60 ** 2);
		}
	});

	it('is zero outside of the view', () => {
		const view: View = { x: 30, y: 40, scale: 1.5, canvas: { width: 64, height: 64 } };
		const pasted = pasteAlpha(new Float32Array(64 * 64).fill(1), view, { width: 200, height: 100 });
		const expected = planeOf(200, 100, (x, y) => (x >= 30 && x < 126 && y >= 40 ? 255 : 0));
		expect(pasted).toEqual(expected.data);
	});
});
