import { bricks } from './backdrops.ts';
import type { Canvas } from './canvas.ts';
import { mix, shade } from './colour.ts';
import { fractalNoise, random } from './noise.ts';
import type { Scene } from './scene.ts';
import { curve, ellipse, type Point } from './shapes.ts';

/** A potted plant with narrow leaves; the camera pans and zooms over the brick wall behind it. */
export const camera: Scene = {
	id: 'moving-camera',
	click: [0, 0.78],
	grain: 2,
	backdrop: (canvas) => bricks(canvas, 0x9a5b42, 0xb3a595),
	camera: (time) => ({
		x: 0.22 * Math.sin(time * 1.3),
		y: 0.5 + 0.05 * Math.sin(time * 1.9),
		zoom: 1.15 + 0.1 * Math.sin(time * 1.1)
	}),
	draw(canvas, time) {
		const middle = 0.03 * Math.sin(time * 1.3);
		drawLeaves(canvas, time, [middle, 0.64], { leaves: 26, seed: 7, reach: 0.36 });
		drawPot(canvas, middle);
		drawLeaves(canvas, time, [middle, 0.65], { leaves: 16, seed: 8, reach: 0.27 });
	}
};

function drawPot(canvas: Canvas, x: number): void {
	const glaze = (px: number, py: number) => {
		const turn = (px - x) / 0.17;
		const light = 1.05 - 0.6 * Math.abs(turn + 0.35) ** 1.6 + (Math.abs(turn + 0.4) < 0.07 ? 0.12 : 0);
		const tone = mix(0xa8643f, 0xcb8a5a, fractalNoise(px * 9, py * 40, 3, 3));
		return shade(tone, light);
	};
	const side: Point[] = [
		[0.155, 0.66],
		[0.15, 0.75],
		[0.115, 0.9],
		[0.1, 0.93]
	];
	const mirrored = side.map(([dx, y]): Point => [x - dx, y]).reverse();
	canvas.fill(ellipse(x, 0.665, 0.155, 0.03), 0x33241b);
	canvas.fill(
		[
			...curve(side.map(([dx, y]): Point => [x + dx, y])),
			...ellipse(x, 0.93, 0.1, 0.02).slice(0, 25),
			...curve(mirrored)
		],
		glaze
	);
	const lip = (y: number) => ellipse(x, y, 0.172, 0.03).slice(0, 25);
	canvas.fill([...lip(0.655), ...lip(0.7).reverse()], glaze);
	canvas.fill([...lip(0.655), ...ellipse(x, 0.655, 0.172, 0.018).slice(0, 25).reverse()], 0xd9a070);
}

/** Leaves arch out of a root and sway. */
function drawLeaves(
	canvas: Canvas,
	time: number,
	[x, y]: Point,
	{ leaves, seed, reach }: { leaves: number; seed: number; reach: number }
): void {
	const next = random(seed);
	for (let i = 0; i < leaves; i++) {
		const side = ((i + 0.5) / leaves) * 2 - 1 + 0.2 * (next() - 0.5);
		const height = (0.34 + 0.2 * next()) * (1 - 0.35 * Math.abs(side));
		const sway = 0.014 * Math.sin(time * 2.6 + i);
		const width = 0.009 + 0.008 * next();
		const spine = curve(
			[
				[x + side * 0.05, y],
				[x + side * reach * 0.42 + sway * 0.5, y - height * 0.75],
				[x + side * reach * 0.8 + sway, y - height],
				[x + side * reach * 1.12 + sway * 1.6, y - height * (0.95 - 0.5 * Math.abs(side))]
			],
			6
		);
		const tone = next();
		const leaf = mix(0x35542a, 0x8fa552, tone);
		canvas.stroke(spine.slice(0, 10), width * 0.5, width, leaf);
		canvas.stroke(spine.slice(9), width, 0.0008, shade(leaf, 1.06));
		canvas.stroke(spine, 0.0016, 0.0005, shade(leaf, 0.75));
	}
}
