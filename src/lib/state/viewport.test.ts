import { describe, expect, it } from 'vitest';
import { fit, keepInSight, Viewport, zoomAt } from './viewport.svelte.ts';

const box = { width: 832, height: 632 };
const picture = { width: 1600, height: 800 };

describe('fit', () => {
	it('shows the whole picture in the middle of the box', () => {
		expect(fit(box, picture)).toEqual({ scale: 0.5, x: 16, y: 116 });
	});
});

describe('zoomAt', () => {
	it('keeps the point under the cursor in its place', () => {
		const view = fit(box, picture);
		const at = { x: 300, y: 250 };
		const closer = zoomAt(view, at, 3, box, picture);
		expect(closer.scale).toBeCloseTo(1.5);
		expect((at.x - closer.x) / closer.scale).toBeCloseTo((at.x - view.x) / view.scale);
		expect((at.y - closer.y) / closer.scale).toBeCloseTo((at.y - view.y) / view.scale);
	});

	it('stays between half the fitted size and 32 times', () => {
		const view = fit(box, picture);
		expect(zoomAt(view, { x: 0, y: 0 }, 1e6, box, picture).scale).toBe(32);
		expect(zoomAt(view, { x: 0, y: 0 }, 1e-6, box, picture).scale).toBe(0.25);
	});
});

describe('keepInSight', () => {
	it('never lets the picture leave the middle of the box', () => {
		const view = { scale: 1, x: 5000, y: -5000 };
		expect(keepInSight(view, box, picture)).toEqual({ scale: 1, x: 416, y: 316 - 800 });
	});
});

describe('Viewport', () => {
	function viewport() {
		const viewport = new Viewport();
		viewport.picture = picture;
		viewport.resize(box);
		return viewport;
	}

	it('turns points of the box into pixels and back', () => {
		const view = viewport();
		expect(view.toPicture({ x: 16, y: 116 })).toEqual({ x: 0, y: 0 });
		view.zoom(4, { x: 100, y: 200 });
		view.pan(-30, 10);
		const point = { x: 123, y: 321 };
		const back = view.toBox(view.toPicture(point));
		expect(back.x).toBeCloseTo(point.x);
		expect(back.y).toBeCloseTo(point.y);
	});

	it('stays fitted while its box changes, until it is zoomed', () => {
		const view = viewport();
		view.resize({ width: 432, height: 632 });
		expect(view.fitted).toBe(true);
		expect(view.view.scale).toBe(0.25);
		view.zoom(8);
		const middle = view.toPicture({ x: 216, y: 316 });
		view.resize(box);
		expect(view.toPicture({ x: 416, y: 316 })).toEqual(middle);
		view.fit();
		expect(view.view).toEqual(fit(box, picture));
	});
});
