import type { Canvas, Paint } from './canvas.ts';
import { mix, shade, type Colour } from './colour.ts';
import { fractalNoise, noise } from './noise.ts';
import { blob, curve, ellipse, type Point } from './shapes.ts';

/** A person from the hips up, drawn about the middle of the head; `size` is the head's height in scene units. */
export interface Person {
	readonly head: Point;
	readonly size: number;
	readonly skin: Colour;
	readonly hair: Colour;
	readonly clothes: Colour;
	/** Shoulder, elbow and hand of each arm, from the middle of the head, in head heights; arms are drawn over the body. */
	readonly arms: readonly (readonly Point[])[];
}

export function drawPerson(canvas: Canvas, person: Person): void {
	const { skin, hair, size } = person;
	const at = ([x, y]: Point): Point => [person.head[0] + x * size, person.head[1] + y * size];
	const oval = (x: number, y: number, rx: number, ry: number, paint: Paint) =>
		canvas.fill(ellipse(...at([x, y]), rx * size, ry * size), paint);
	const skinLight: Paint = (x, y) => {
		const [u, v] = [(x - person.head[0]) / size, (y - person.head[1]) / size];
		return shade(
			mix(skin, shade(skin, 0.62), 0.35 + u * 0.8 + v * 0.15),
			0.97 + 0.06 * noise(u * 40, v * 40, 3)
		);
	};
	const cloth: Paint = (x, y) => {
		const [u, v] = [(x - person.head[0]) / size, (y - person.head[1]) / size];
		const fold = fractalNoise(u * 2.2 + v * 0.6, v * 0.9, 7, 3);
		const weave = 0.06 * (Math.sin(u * 130) * Math.sin(v * 130));
		return shade(person.clothes, 0.62 + 0.6 * fold - 0.14 * u + weave);
	};

	const torso: Point[] = [
		[0, 0.72],
		[0.26, 0.66],
		[0.62, 0.78],
		[0.86, 1.02],
		[0.8, 1.7],
		[0.72, 2.5],
		[0.78, 4],
		[-0.78, 4],
		[-0.72, 2.5],
		[-0.8, 1.7],
		[-0.86, 1.02],
		[-0.62, 0.78],
		[-0.26, 0.66]
	];
	canvas.stroke([at([0, 0.3]), at([0, 0.78])], 0.19 * size, 0.22 * size, shade(skin, 0.72));
	canvas.fill(blob(torso.map(at)), cloth);
	const collar = curve([at([-0.24, 0.63]), at([0, 0.84]), at([0.24, 0.63])]);
	canvas.fill(collar, shade(skin, 0.8));
	canvas.stroke(collar, 0.03 * size, 0.03 * size, shade(person.clothes, 0.6));
	canvas.stroke([at([0, 0.86]), at([0.02, 2.6])], 0.012 * size, 0.012 * size, shade(person.clothes, 0.5));

	for (const [shoulder, elbow, hand] of person.arms) {
		canvas.stroke([at(shoulder!), at(elbow!)], 0.25 * size, 0.19 * size, cloth);
		canvas.stroke([at(elbow!), at(hand!)], 0.19 * size, 0.14 * size, cloth);
		const reach = ([x0, y0]: Point, [x1, y1]: Point, t: number): Point => [
			x1 + (x1 - x0) * t,
			y1 + (y1 - y0) * t
		];
		canvas.stroke([at(hand!), at(reach(elbow!, hand!, 0.22))], 0.11 * size, 0.13 * size, skinLight);
		for (const spread of [-0.5, -0.17, 0.17, 0.5]) {
			const [bx, by] = reach(elbow!, hand!, 0.2);
			const direction = Math.atan2(hand![1] - elbow![1], hand![0] - elbow![0]) + spread;
			const tip: Point = [bx + Math.cos(direction) * 0.36, by + Math.sin(direction) * 0.36];
			canvas.stroke([at([bx, by]), at(tip)], 0.05 * size, 0.035 * size, skinLight);
		}
	}

	for (const side of [-1, 1]) oval(side * 0.37, 0.04, 0.07, 0.12, shade(skin, 0.75));
	canvas.fill(
		blob(
			(
				[
					[0, -0.48],
					[0.3, -0.36],
					[0.38, -0.02],
					[0.31, 0.3],
					[0.13, 0.5],
					[-0.13, 0.5],
					[-0.31, 0.3],
					[-0.38, -0.02],
					[-0.3, -0.36]
				] as const
			).map(at)
		),
		skinLight
	);
	for (const side of [-1, 1]) {
		oval(side * 0.16, 0.0, 0.065, 0.034, 0xf3ece4);
		oval(side * 0.16 + 0.01, 0.0, 0.033, 0.034, 0x3b2a20);
		const brow = curve([at([side * 0.26, -0.08]), at([side * 0.17, -0.12]), at([side * 0.07, -0.09])]);
		canvas.stroke(brow, 0.014 * size, 0.02 * size, shade(hair, 0.8));
	}
	canvas.stroke(
		curve([at([0.01, -0.02]), at([0.05, 0.16]), at([-0.02, 0.17])]),
		0.01 * size,
		0.014 * size,
		shade(skin, 0.66)
	);
	canvas.stroke(
		curve([at([-0.13, 0.3]), at([0, 0.335]), at([0.13, 0.3])]),
		0.016 * size,
		0.016 * size,
		0xa24f46
	);
	const cap: Point[] = [
		[-0.4, 0.12],
		[-0.33, -0.18],
		[-0.12, -0.3],
		[0.16, -0.26],
		[0.34, -0.14],
		[0.4, 0.12],
		[0.46, -0.2],
		[0.33, -0.5],
		[0, -0.6],
		[-0.33, -0.5],
		[-0.46, -0.2]
	];
	canvas.fill(blob(cap.map(at)), (x, y) => {
		const [u, v] = [(x - person.head[0]) / size, (y - person.head[1]) / size];
		return shade(hair, 0.65 + 0.7 * noise(Math.atan2(u, v + 1.2) * 60, Math.hypot(u, v) * 3, 9));
	});
}
