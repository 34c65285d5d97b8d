import { describe, expect, it } from 'vitest';
import type { Mask, Size } from '../frame.ts';
import { follow, surround, targetBox, type Box } from './region.ts';
import { wholeView, type View } from './view.ts';

const hd: Size = { width: 1920, height: 1080 };

const boxOf = (left: number, top: number, width: number, height: number): Box => ({
	...{ left, top, right: left + width, bottom: top + height }
});

/** The least distance from the box to where the view ends within the picture. */
function room({ x, y, scale, canvas }: View, box: Box, picture: Size): number {
	const right = x + canvas.width * scale;
	const bottom = y + canvas.height * scale;
	return Math.min(
		x <= 0 ? Infinity : box.left - x,
		y <= 0 ? Infinity : box.top - y,
		right >= picture.width ? Infinity : right - box.right,
		bottom >= picture.height ? Infinity : bottom - box.bottom
	);
}

describe('targetBox', () => {
	it('lies around the target of all masks', () => {
		const maskOf = (...places: [number, number][]): Mask => {
			const data = new Uint8Array(20 * 10);
			for (const [x, y] of places) data[y * 20 + x] = 200;
			return { width: 20, height: 10, data };
		};
		expect(targetBox([maskOf([3, 4]), maskOf(), maskOf([7, 2], [5, 8])])).toEqual(boxOf(3, 2, 5, 7));
		expect(targetBox([maskOf()])).toBeUndefined();
	});
});

describe('surround', () => {
	it.each([
		['a small target', boxOf(900, 500, 80, 60)],
		['a person who stands', boxOf(700, 100, 300, 900)],
		['a wide target', boxOf(100, 600, 1200, 200)],
		['a target in the corner', boxOf(1800, 0, 120, 100)],
		['nearly the whole picture', boxOf(10, 10, 1900, 1060)]
	])('shows %s with a margin, within the memory of the whole picture', (_, box) => {
		const view = surround(box, hd, 1024);
		const whole = wholeView(hd, 1024);
		const { width, height } = view.canvas;
		expect(width * height).toBeLessThanOrEqual(whole.canvas.width * whole.canvas.height);
		expect([width % 64, height % 64]).toEqual([0, 0]);
		expect(view.scale).toBeGreaterThanOrEqual(1);
		expect(view.scale).toBeLessThanOrEqual(whole.scale);
		expect(room(view, box, hd)).toBeGreaterThanOrEqual(30);
	});

	it('shows it as finely as the source where that fits', () => {
		expect(surround(boxOf(900, 500, 80, 60), hd, 1024)).toMatchObject({ scale: 1 });
		expect(surround(boxOf(700, 100, 300, 700), hd, 1024).scale).toBeLessThan(1.15);
	});

	it('shows the whole picture where the target fills it', () => {
		expect(surround(boxOf(0, 0, 1920, 1080), hd, 1024)).toEqual(wholeView(hd, 1024));
	});
});

describe('follow', () => {
	const box = boxOf(700, 200, 300, 500);
	const view = surround(box, hd, 1024);

	it('stays while the target moves a little', () => {
		expect(follow(view, boxOf(730, 210, 310, 490), hd, 1024)).toBe(view);
	});

	it('moves along with the same canvas', () => {
		const moved = follow(view, boxOf(1300, 200, 310, 490), hd, 1024);
		expect(moved).toMatchObject({ canvas: view.canvas });
		expect(room(moved, boxOf(1300, 200, 310, 490), hd)).toBeGreaterThanOrEqual(60);
	});

	it('takes another canvas for a target of another form, and shows a target that shrinks more finely', () => {
		const wide = boxOf(100, 700, 1500, 150);
		const changed = follow(view, wide, hd, 1024);
		expect(changed.canvas).not.toEqual(view.canvas);
		expect(room(changed, wide, hd)).toBeGreaterThanOrEqual(60);
		const large = surround(boxOf(300, 50, 900, 1000), hd, 1024);
		const small = follow(large, boxOf(600, 400, 200, 200), hd, 1024);
		expect(small.scale).toBeLessThan(large.scale / 1.3);
	});
});
