import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import type { Window } from './canvas.ts';
import { follow, surround, targetBox, type Box } from './region.ts';
import { relocate } from './relocate.ts';

const canvas = { width: 1280, height: 720 };
const boxAt = (left: number, top: number, width: number, height: number): Box => ({
	...{ left, top, right: left + width, bottom: top + height }
});
const isInside = ({ x, y, width, height }: Window, box: Box, space: number) =>
	(x === 0 || box.left - x >= space) &&
	(y === 0 || box.top - y >= space) &&
	(x + width === canvas.width || x + width - box.right >= space) &&
	(y + height === canvas.height || y + height - box.bottom >= space);

describe('the window around a target', () => {
	it.each([
		['in the middle', boxAt(600, 300, 81, 93)],
		['in a corner', boxAt(3, 2, 120, 60)],
		['at the far corner', boxAt(1200, 650, 80, 70)],
		['that is a speck', boxAt(700, 333, 1, 1)]
	])('lies on whole tokens, with a margin: %s', (_, box) => {
		const window = surround(box, canvas);
		for (const side of Object.values(window)) expect(side % 16).toBe(0);
		const margin = Math.max(64, (box.right - box.left) / 2, (box.bottom - box.top) / 2);
		expect(isInside(window, box, margin - 8)).toBe(true);
		expect(window.width).toBeLessThan(box.right - box.left + 2 * margin + 48);
	});

	it('is the whole canvas for a target that fills it', () => {
		const all = { x: 0, y: 0, ...canvas };
		expect(surround(boxAt(100, 40, 1100, 640), canvas)).toEqual(all);
		expect(follow(all, boxAt(0, 0, 1280, 720), canvas)).toBe(all);
	});

	it('stays while the target has room, then moves without a change of size', () => {
		let window = surround(boxAt(100, 300, 100, 120), canvas);
		const { width, height } = window;
		let moves = 0;
		for (let left = 100; left < 1180; left += 7) {
			const box = boxAt(left, 300, 100, 120);
			const next = follow(window, box, canvas);
			if (next !== window) moves++;
			window = next;
			expect(isInside(window, box, 32)).toBe(true);
			expect(window).toMatchObject({ width, height });
		}
		expect(moves).toBeGreaterThan(10);
		expect(moves).toBeLessThan(60);
	});

	it('grows in few steps with a target that outgrows it, and does not shrink', () => {
		let window = surround(boxAt(600, 300, 60, 60), canvas);
		const sizes = new Set<number>();
		for (let side = 60; side < 400; side += 4) {
			const box = boxAt(640 - side / 2, 360 - side / 2, side, side);
			window = follow(window, box, canvas);
			expect(isInside(window, box, 32)).toBe(true);
			sizes.add(window.width);
		}
		expect(sizes.size).toBeLessThan(8);
		expect(follow(window, boxAt(30, 30, 20, 20), canvas)).toMatchObject({ width: window.width });
	});
});

it('finds the target in a window', () => {
	const window = { x: 32, y: 16, width: 32, height: 16 };
	const values = new Float32Array(32 * 16).fill(0.1);
	expect(targetBox(values, window)).toBeUndefined();
	values[2 * 32 + 5] = values[7 * 32 + 3] = 0.6;
	expect(targetBox(values, window)).toEqual({ left: 35, top: 18, right: 38, bottom: 24 });
});

it('takes maps along to where the window goes, and the border for what was not seen', async () => {
	const map = new Tensor('float32', Float32Array.of(1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60), [1, 2, 2, 3]);
	const from = { x: 32, y: 16, width: 48, height: 32 };
	const moved = await relocate(map, from, { x: 48, y: 0, width: 64, height: 32 }, 16);
	expect(moved.dims).toEqual([1, 2, 2, 4]);
	expect([...(moved.data as Float32Array)]).toEqual([2, 3, 3, 3, 2, 3, 3, 3, 20, 30, 30, 30, 20, 30, 30, 30]);
});
