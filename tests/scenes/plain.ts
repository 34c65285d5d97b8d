import { room } from './backdrops.ts';
import type { Canvas } from './canvas.ts';
import { mix, shade } from './colour.ts';
import { fractalNoise } from './noise.ts';
import type { Scene } from './scene.ts';
import { blob, curve, ellipse, moved, turned, type Point } from './shapes.ts';

/** A teapot with clear outlines that tilts and slides in front of a book shelf; one sees through its handle. */
export const plain: Scene = {
	id: 'plain',
	click: [0.0, 0.62],
	grain: 2,
	backdrop: (canvas) => room(canvas, 0xb9a88e),
	draw(canvas, time) {
		const tilt = 0.16 * Math.sin(time * 2.2);
		const slide = 0.05 * Math.sin(time * 1.6);
		drawTeapot(canvas, (points) => moved(turned(points, [0, 0.6], tilt), slide, 0.01 * Math.sin(time * 3)));
	}
};

function drawTeapot(canvas: Canvas, place: (points: readonly Point[]) => Point[]): void {
	const [[cx, cy]] = place([[0, 0.6]]) as [Point];
	const enamel = (x: number, y: number) => {
		const [u, v] = [(x - cx) / 0.28, (y - cy) / 0.22];
		const gloss = Math.exp(-18 * ((u + 0.42) ** 2 + (v + 0.45) ** 2));
		const light = 1.08 - 0.5 * Math.hypot(u + 0.35, v + 0.4) + 0.1 * fractalNoise(x * 8, y * 8, 6, 3);
		return mix(shade(0x2f7f86, Math.max(0.35, light)), 0xe8f4f2, 0.75 * gloss);
	};
	const spout: Point[] = [
		[0.2, 0.56],
		[0.3, 0.5],
		[0.35, 0.38],
		[0.42, 0.34],
		[0.44, 0.36],
		[0.4, 0.44],
		[0.36, 0.6],
		[0.22, 0.73]
	];
	const handle: Point[] = [
		[-0.2, 0.5],
		[-0.33, 0.44],
		[-0.41, 0.53],
		[-0.37, 0.66],
		[-0.23, 0.72]
	];
	canvas.fill(blob(place(spout)), enamel);
	canvas.stroke(curve(place(handle)), 0.028, 0.024, enamel);
	canvas.fill(place(ellipse(0, 0.6, 0.28, 0.215, 0, 96)), enamel);
	canvas.fill(place(ellipse(0, 0.797, 0.13, 0.02)), 0x1d4f55);
	canvas.fill(place(ellipse(0, 0.412, 0.125, 0.034)), 0x1f5960);
	canvas.fill(place(ellipse(0, 0.398, 0.12, 0.034)), enamel);
	canvas.fill(place(ellipse(0, 0.352, 0.032, 0.03)), (x, y) => shade(enamel(x, y), 0.95));
}
