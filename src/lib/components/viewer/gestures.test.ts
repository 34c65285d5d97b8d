import { beforeEach, describe, expect, it } from 'vitest';
import type { Example, Prompt } from '$models/segmenter.ts';
import type { Prompting, Tool } from '$lib/state/prompting.svelte.ts';
import { Viewport, type Point } from '$lib/state/viewport.svelte.ts';
import { Gestures } from './gestures.svelte.ts';

// The picture is shown at half its size, its corner at (16, 16).
const picture = { width: 800, height: 400 };
const box = { width: 432, height: 232 };

let given: Prompt[];
let examples: Example[];
let picked: Point[];
let tool: Tool;
let viewport: Viewport;
let gestures: Gestures;

beforeEach(() => {
	given = [];
	examples = [];
	picked = [];
	tool = 'point';
	viewport = new Viewport();
	viewport.picture = picture;
	viewport.resize(box);
	gestures = new Gestures(
		{
			get tool() {
				return tool;
			},
			brushRadius: 10,
			add: (prompt: Prompt) => given.push(prompt),
			addExample: (example: Example) => Promise.resolve(examples.push(example)),
			toggleAt: (x: number, y: number) => picked.push({ x, y })
		} as unknown as Prompting,
		viewport
	);
});

function event(overrides: Partial<PointerEvent> = {}): PointerEvent {
	return { pointerId: 1, pointerType: 'mouse', button: 0, altKey: false, ...overrides } as PointerEvent;
}

function drag(points: readonly Point[], overrides: Partial<PointerEvent> = {}): void {
	gestures.down(event(overrides), points[0]!);
	for (const point of points.slice(1)) gestures.move(event(overrides), point);
	gestures.up(event(overrides), points.at(-1)!);
}

const inside = { x: 116, y: 66 };

describe('a mouse', () => {
	it('gives points, whose sign the right button and Alt turn around', () => {
		drag([inside]);
		drag([inside], { button: 2 });
		drag([inside], { altKey: true });
		tool = 'negative';
		drag([inside]);
		drag([inside], { button: 2 });
		const point = { kind: 'point', x: 200, y: 100 };
		expect(given).toEqual([true, false, false, false, true].map((positive) => ({ ...point, positive })));
	});

	it('gives no point beside the picture', () => {
		drag([{ x: 5, y: 66 }]);
		expect(given).toEqual([]);
	});

	it('draws a box in any direction, cut to the picture', () => {
		tool = 'box';
		drag([inside, { x: 60, y: 40 }, { x: -50, y: 26 }]);
		expect(given).toEqual([{ kind: 'box', x: 0, y: 20, width: 200, height: 80 }]);
		expect(gestures.draft).toBeUndefined();
	});

	it('takes a tiny box for a slip of the hand', () => {
		tool = 'box';
		drag([inside, { x: 118, y: 66 }]);
		expect(given).toEqual([]);
	});

	it('draws boxes around examples; the right button around what is not meant', () => {
		tool = 'example';
		drag([inside, { x: 60, y: 40 }]);
		drag([inside, { x: 60, y: 40 }], { button: 2 });
		drag([inside, inside]);
		const example = { x: 88, y: 48, width: 112, height: 52 };
		expect(examples).toEqual([
			{ ...example, positive: true },
			{ ...example, positive: false }
		]);
		expect(given).toEqual([]);
	});

	it('picks what is under a click', () => {
		tool = 'pick';
		drag([inside]);
		drag([{ x: 5, y: 66 }]);
		expect(picked).toEqual([{ x: 200, y: 100 }]);
		expect(given).toEqual([]);
	});

	it('paints strokes', () => {
		tool = 'eraser';
		drag([inside, { x: 126, y: 66 }]);
		expect(given).toEqual([
			{
				kind: 'stroke',
				points: [
					[200, 100],
					[220, 100]
				],
				radius: 10,
				positive: false
			}
		]);
	});

	it('moves the picture with the middle button, or while panning', () => {
		viewport.zoom(2);
		const { x, y } = viewport.view;
		drag([inside, { x: 126, y: 61 }], { button: 1 });
		expect(viewport.view).toMatchObject({ x: x + 10, y: y - 5 });
		gestures.panning = true;
		drag([inside, { x: 106, y: 71 }]);
		expect(viewport.view).toMatchObject({ x, y });
		expect(gestures.panned).toBe(true);
		expect(given).toEqual([]);
	});

	it('can drop what is being drawn', () => {
		tool = 'box';
		gestures.down(event(), inside);
		gestures.move(event(), { x: 200, y: 150 });
		gestures.cancel();
		gestures.up(event(), { x: 200, y: 150 });
		expect(given).toEqual([]);
	});
});

describe('fingers', () => {
	const finger = (id: number) => ({ pointerId: id, pointerType: 'touch' });

	it('tap points', () => {
		drag([inside, { x: 119, y: 68 }], finger(1));
		expect(given).toEqual([{ kind: 'point', x: 200, y: 100, positive: true }]);
	});

	it('pick what they tap, not where a pinch begins', () => {
		tool = 'pick';
		gestures.down(event(finger(1)), inside);
		expect(picked).toEqual([]);
		gestures.up(event(finger(1)), inside);
		expect(picked).toEqual([{ x: 200, y: 100 }]);
	});

	it('pinch to zoom and give no prompt', () => {
		const scale = viewport.view.scale;
		const under = viewport.toPicture({ x: 216, y: 116 });
		gestures.down(event(finger(1)), { x: 196, y: 116 });
		gestures.down(event(finger(2)), { x: 236, y: 116 });
		gestures.move(event(finger(1)), { x: 176, y: 116 });
		gestures.move(event(finger(2)), { x: 256, y: 116 });
		gestures.up(event(finger(1)), { x: 176, y: 116 });
		gestures.up(event(finger(2)), { x: 256, y: 116 });
		expect(viewport.view.scale).toBeCloseTo(2 * scale);
		expect(viewport.toPicture({ x: 216, y: 116 }).x).toBeCloseTo(under.x);
		expect(given).toEqual([]);
		expect(gestures.moving).toBe(false);
	});
});
