import { drawFur, egg } from './fur.ts';
import { garden, ground } from './backdrops.ts';
import type { Canvas, Opacity, Paint } from './canvas.ts';
import { mix } from './colour.ts';
import { noise, random } from './noise.ts';
import { frameRate, type Scene } from './scene.ts';
import { curve, ellipse, moved, turned, type Point } from './shapes.ts';

/** The size of the sample clip, `static/sample/sample.mp4`. */
export const sampleSize = { width: 960, height: 540 };
export const sampleFrames = 4 * frameRate;

const orange = { dark: 0x8a3a12, light: 0xf9aa50 };
const cream = { dark: 0xc98a4e, light: 0xffe0b0 };
const ink = 0x2b1712;

/** A furry creature that waves. All its movements repeat after the clip's four seconds. */
export const sampleScene: Scene = {
	id: 'sample',
	click: [-0.1, 0.6],
	grain: 1.2,
	shutter: { open: 0.5, moments: 4 },
	backdrop(canvas) {
		garden(canvas, { far: 0xb9cdaa, near: 0x2c5a55, lights: [0xfff3c9, 0xe4f6d4, 0xffd9a0, 0xffffff] });
		ground(canvas, { horizon: 0.8, colour: 0x7f9a5a, x: 0.02, y: 0.905, width: 0.34 });
	},
	draw: drawCreature
};

/** A swing that repeats `times` in the clip, from -1 to 1. */
function swing(time: number, times: number, phase = 0): number {
	return Math.sin(2 * Math.PI * ((time * frameRate * times) / sampleFrames + phase));
}

function drawCreature(canvas: Canvas, time: number): void {
	const sway = 0.03 * swing(time, 2);
	const breath = 0.008 * swing(time, 4, 0.1);
	const coat = {
		...orange,
		ruffle: 0.3,
		wind: (x: number, y: number) =>
			0.012 * swing(time, 4, y * 0.6 - x * 1.4) + 0.006 * (noise(x * 20, y * 20, 3) - 0.5)
	};
	/** The body leans from its feet. */
	const lean = (...points: Point[]) => turned(points, [0, 0.9], sway);

	const tail = curve([
		[-0.1, 0.8],
		[-0.25, 0.78],
		[-0.33 + 0.015 * swing(time, 2, 0.2), 0.68],
		[-0.3 + 0.035 * swing(time, 2, 0.1), 0.54]
	]);
	drawFur(canvas, { ...coat, spine: tail, radius: egg(0.058, 0.35), length: 0.055, tufts: 1500, seed: 1 });

	for (const side of [-1, 1]) {
		const foot: Point[] = [
			[side * 0.07, 0.865],
			[side * 0.13, 0.905]
		];
		drawFur(canvas, {
			...coat,
			spine: foot,
			radius: egg(0.045, 0.2),
			length: 0.022,
			tufts: 450,
			seed: 2 + side
		});
	}
	for (const side of [-1, 1]) {
		const twitch = 0.01 * swing(time, 4, side * 0.2);
		const ear = lean([side * 0.1, 0.34], [side * (0.16 + twitch), 0.2 - breath]);
		drawFur(canvas, {
			...coat,
			spine: ear,
			radius: egg(0.05, -0.35),
			length: 0.028,
			tufts: 450,
			seed: 5 + side
		});
		const inner = lean([side * 0.112, 0.32], [side * (0.152 + twitch), 0.24 - breath]);
		drawFur(canvas, {
			...coat,
			...cream,
			spine: inner,
			radius: egg(0.019),
			length: 0.018,
			tufts: 160,
			seed: 8 + side
		});
	}

	const trunk = lean([0, 0.27 - breath], [0, 0.6], [0, 0.88]);
	drawFur(canvas, {
		...coat,
		ruffle: 1,
		spine: trunk,
		radius: egg(0.19, 0.14),
		length: 0.042,
		tufts: 5200,
		seed: 12
	});
	const belly = lean([0, 0.585], [0, 0.835]);
	drawFur(canvas, {
		...coat,
		...cream,
		spine: belly,
		radius: egg(0.112),
		length: 0.033,
		tufts: 1300,
		seed: 13
	});
	drawTuft(canvas, time, lean([0, 0.285 - breath])[0]!);
	drawFace(canvas, time, (points) => lean(...moved(points, 0, -0.04 - breath)));

	const resting = curve(lean([-0.15, 0.54], [-0.215, 0.6 + breath], [-0.2, 0.7 + breath]));
	drawFur(canvas, { ...coat, spine: resting, radius: egg(0.045, 0.1), length: 0.033, tufts: 700, seed: 11 });
	const elbow: Point = [0.235, 0.535];
	const hand = turned(
		[
			[0.285, 0.445],
			[0.3, 0.355]
		],
		elbow,
		0.24 * swing(time, 4)
	);
	const waving = curve(lean([0.135, 0.56], elbow, ...hand));
	drawFur(canvas, { ...coat, spine: waving, radius: egg(0.047, 0.15), length: 0.033, tufts: 1000, seed: 14 });
}

/** A tuft of long single hairs on the head, in the wind. */
function drawTuft(canvas: Canvas, time: number, [x, y]: Point): void {
	const next = random(21);
	for (let i = 0; i < 46; i++) {
		const spread = next() * 2 - 1;
		const length = 0.075 + 0.07 * next();
		const blow = 0.03 * swing(time, 4, next() * 0.12) + 0.02 * swing(time, 2, next() * 0.2);
		const root: Point = [x + spread * 0.03, y + 0.012];
		const tip: Point = [root[0] + spread * 0.075 + blow, root[1] - length + 0.05 * spread ** 2];
		const bend: Point = [root[0] + spread * 0.02 + blow * 0.25, root[1] - length * 0.6];
		canvas.stroke(
			curve([root, bend, tip], 5),
			0.0032,
			0.0008,
			mix(orange.dark, orange.light, 0.2 + 0.6 * next())
		);
	}
}

function drawFace(canvas: Canvas, time: number, place: (points: readonly Point[]) => Point[]): void {
	const oval = (x: number, y: number, rx: number, ry: number, paint: Paint, opacity: Opacity = 1) =>
		canvas.fill(place(ellipse(x, y, rx, ry)), paint, opacity);
	const lid = 0.08 + 0.92 * Math.min(1, Math.abs((time % 4) / 4 - 0.62) / 0.022);
	for (const side of [-1, 1]) {
		const [x, y] = [side * 0.068, 0.462];
		oval(x * 1.8, 0.53, 0.026, 0.017, 0xf0704f, 0.4);
		oval(x, y, 0.046, 0.05 * lid, 0x74310f);
		oval(x, y, 0.041, 0.045 * lid, 0xfff2dc);
		oval(x + 0.007, y + 0.003, 0.028, 0.032 * lid, 0x6a3b17);
		oval(x + 0.007, y + 0.004, 0.018, 0.022 * lid, ink);
		if (lid > 0.6) oval(x - 0.003, y - 0.01, 0.009, 0.009, 0xffffff);
	}
	oval(0, 0.518, 0.02, 0.014, ink);
	oval(-0.005, 0.513, 0.007, 0.003, 0x9a7767);
	const smile = curve([
		[-0.045, 0.545],
		[-0.025, 0.563],
		[0, 0.569],
		[0.025, 0.563],
		[0.045, 0.545]
	]);
	canvas.fill(
		place([
			...smile,
			...curve([
				[0.045, 0.545],
				[0, 0.55],
				[-0.045, 0.545]
			])
		]),
		0x6d1f1a
	);
	canvas.stroke(place(smile), 0.003, 0.003, 0x4a1f10);
}
