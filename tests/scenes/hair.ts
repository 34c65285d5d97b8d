import { garden } from './backdrops.ts';
import type { Canvas } from './canvas.ts';
import { mix } from './colour.ts';
import { random } from './noise.ts';
import { drawPerson } from './person.ts';
import type { Scene } from './scene.ts';
import { curve, type Point } from './shapes.ts';

/** Long hair, strand by strand, in the wind in front of trees of about its own colours. */
export const hair: Scene = {
	id: 'hair',
	click: [-0.02, 0.9],
	grain: 2,
	backdrop: (canvas) =>
		garden(canvas, { far: 0xb98f62, near: 0x54503a, lights: [0xffe6b8, 0xf2c48a, 0xfff4dc] }),
	draw(canvas, time) {
		const head: Point = [-0.08 + 0.012 * Math.sin(time * 2.3), 0.4];
		drawStrands(canvas, time, head);
		drawPerson(canvas, { head, size: 0.38, skin: 0xe6b595, hair: 0x5a3a26, clothes: 0x8c3b34, arms: [] });
	}
};

/** Strands that grow from the crown to the nape and fly to the right. */
function drawStrands(canvas: Canvas, time: number, [x, y]: Point): void {
	const next = random(3);
	for (let i = 0; i < 520; i++) {
		const [place, stray, phase, tone] = [next(), next() ** 3, next(), next()];
		const angle = -1.9 + place * 2.5;
		const root: Point = [x + Math.cos(angle) * 0.13, y - 0.01 + Math.sin(angle) * 0.19];
		const length = 0.2 + 0.22 * next() + 0.1 * stray;
		const rise = (place - 0.45) * 0.26 + stray * (next() - 0.5) * 0.5;
		const gust = (at: number) =>
			0.025 * at * Math.sin(time * 5.5 - at * 3.4 + phase * 0.9) +
			0.02 * at * Math.sin(time * 2.1 + place * 4);
		const along = (at: number): Point => [
			root[0] + length * at + 0.03 * Math.cos(angle) * (1 - at),
			root[1] + rise * at + 0.1 * at * at * length + gust(at) + 0.01 * Math.sin(at * 5 + phase * 9)
		];
		canvas.stroke(
			curve([0, 0.3, 0.6, 0.85, 1].map(along), 5),
			0.0021,
			0.0006,
			mix(0x3a2417, 0xa87648, 0.15 + 0.7 * tone)
		);
	}
}
