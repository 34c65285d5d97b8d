import type { Canvas } from './canvas.ts';
import { mix, type Colour } from './colour.ts';
import { random } from './noise.ts';
import type { Point } from './shapes.ts';

/** Part of a furry body: a tube along a spine. */
export interface FurTube {
	/** From where the fur grows to where it points. */
	readonly spine: readonly Point[];
	/** Radius at a place along the spine, 0 (its start) to 1 (its end). */
	radius(along: number): number;
	readonly dark: Colour;
	readonly light: Colour;
	/** Length of a tuft in scene units. */
	readonly length: number;
	readonly tufts: number;
	readonly seed: number;
	/** How much the fur stands up at the start of the spine, from 0 to 1. */
	readonly ruffle: number;
	/** How far the wind bends a tuft at a place, in scene units to the right. */
	wind(x: number, y: number): number;
}

/** Light comes from the upper left. */
const light: Point = [-0.6, -0.8];

/** Paints a tube and its tufts, from the end of the spine to its start, so that upper fur lies on lower. */
export function drawFur(canvas: Canvas, tube: FurTube): void {
	const next = random(tube.seed);
	const body = place(tube.spine);
	const steps = 40;
	const side = (v: number) =>
		Array.from({ length: steps + 1 }, (_, i) => {
			const { point, normal } = body(i / steps);
			const r = tube.radius(i / steps) * v;
			return [point[0] + normal[0] * r, point[1] + normal[1] * r] as const;
		});
	canvas.fill([...side(1), ...side(-1).reverse()], mix(tube.dark, tube.light, 0.3));

	const thickness = tube.length * 0.09;
	for (let i = 0; i < tube.tufts; i++) {
		const along = 1 - (i + next()) / tube.tufts;
		// Denser towards the rim, where the outline is made of tufts alone.
		const across = Math.sin((next() - 0.5) * Math.PI);
		const length = tube.length * (0.6 + 0.8 * next());
		const curl = next() - 0.5;
		const tone = next();

		const { point, tangent, normal } = body(along);
		const r = tube.radius(along) * across;
		const root: Point = [point[0] + normal[0] * r, point[1] + normal[1] * r];
		const spread = across * 0.9 + curl * 0.5;
		const forward = 0.75 - 1.5 * tube.ruffle * (1 - along) ** 8 + 0.9 * Math.max(0, 2 * along - 1) ** 3;
		const dx = (normal[0] * spread + tangent[0] * forward) * length;
		const dy = (normal[1] * spread + tangent[1] * forward) * length;
		const blow = tube.wind(root[0], root[1]) * (length / tube.length);
		const facing = across * (normal[0] * light[0] + normal[1] * light[1]) * 0.35 - (along - 0.4) * 0.35;
		canvas.stroke(
			[
				root,
				[root[0] + dx * 0.55 + blow * 0.3, root[1] + dy * 0.55],
				[root[0] + dx + blow, root[1] + dy + length * 0.12]
			],
			thickness,
			thickness * 0.15,
			mix(tube.dark, tube.light, 0.5 + facing + (tone - 0.5) * 0.45)
		);
	}
}

/** The place, direction and normal (to the left of the direction of travel downwards: rightwards) along a polyline. */
function place(spine: readonly Point[]) {
	return (along: number): { point: Point; tangent: Point; normal: Point } => {
		const position = Math.min(1, Math.max(0, along)) * (spine.length - 1);
		const i = Math.min(spine.length - 2, Math.floor(position));
		const [x0, y0] = spine[i]!;
		const [x1, y1] = spine[i + 1]!;
		const t = position - i;
		const length = Math.hypot(x1 - x0, y1 - y0) || 1;
		const tangent: Point = [(x1 - x0) / length, (y1 - y0) / length];
		return {
			point: [x0 + (x1 - x0) * t, y0 + (y1 - y0) * t],
			tangent,
			normal: [tangent[1], -tangent[0]]
		};
	};
}

/** The radius of a tube with round ends and a given greatest radius; `swell` above 0 makes its end thicker than its start. */
export function egg(radius: number, swell = 0): (along: number) => number {
	return (along) => {
		const c = 2 * along - 1;
		return radius * Math.sqrt(Math.max(0, 1 - c * c)) * (1 + swell * c);
	};
}
