import { curtain } from './backdrops.ts';
import type { Canvas } from './canvas.ts';
import { shade } from './colour.ts';
import { drawPerson } from './person.ts';
import type { Scene } from './scene.ts';
import { blob, type Point } from './shapes.ts';

/** A dancer who holds up a veil that one sees through: alpha between about 0.3 and 0.7 over large areas. */
export const veil: Scene = {
	id: 'translucency',
	click: [-0.2, 0.75],
	grain: 2,
	backdrop: (canvas) => curtain(canvas, 0x8a5a55),
	draw(canvas, time) {
		const head: Point = [-0.2 + 0.015 * Math.sin(time * 2), 0.3];
		const raise = 0.2 * Math.sin(time * 2.4);
		const hand: Point = [2.1, 0.15 - raise];
		drawPerson(canvas, {
			head,
			size: 0.22,
			skin: 0xd9a079,
			hair: 0x2b211f,
			clothes: 0x3e4f7d,
			arms: [
				[
					[-0.68, 1.08],
					[-1.0, 1.9],
					[-0.5, 2.5]
				],
				[[0.68, 1.08], [1.45, 0.95 - raise * 0.5], hand]
			]
		});
		drawVeil(
			canvas,
			time,
			[head[0] + hand[0] * 0.22, head[1] + hand[1] * 0.22],
			[head[0] + 0.16, head[1] + 0.25]
		);
	}
};

/** The cloth hangs between a hand and a shoulder, with folds that run through it. */
function drawVeil(canvas: Canvas, time: number, hand: Point, shoulder: Point): void {
	const wave = (phase: number) => 0.025 * Math.sin(time * 4 + phase);
	const outline: Point[] = [
		[hand[0] - 0.01, hand[1] - 0.03],
		[hand[0] + 0.09 + wave(0), hand[1] + 0.12],
		[hand[0] + 0.14 + wave(1), hand[1] + 0.38],
		[hand[0] + 0.1 + wave(2), 0.9 + wave(4)],
		[hand[0] - 0.16, 0.95 + wave(3)],
		[shoulder[0] - 0.02, 0.9 + wave(2.5)],
		[shoulder[0] - 0.04, shoulder[1] + 0.12],
		[(shoulder[0] + hand[0]) / 2, (shoulder[1] + hand[1]) / 2 + 0.06]
	];
	const fold = (x: number, y: number) =>
		Math.sin((x - hand[0]) * (46 - 22 * (y - hand[1])) + 2.2 * Math.sin(y * 5 - time * 4));
	canvas.fill(
		blob(outline),
		(x, y) => shade(0xe9e2d2, 0.86 + 0.14 * fold(x, y)),
		(x, y) => 0.5 + 0.16 * fold(x, y) + 0.08 * Math.sin(y * 9 - time * 3)
	);
}
