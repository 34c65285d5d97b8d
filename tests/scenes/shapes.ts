/** A point in scene units: the picture's height is 1, x is 0 in its middle, y grows downwards from 0 at its top. */
export type Point = readonly [x: number, y: number];

/** An ellipse as a polygon. `turn` is in radians, clockwise. */
export function ellipse(x: number, y: number, rx: number, ry: number, turn = 0, points = 48): Point[] {
	const cos = Math.cos(turn);
	const sin = Math.sin(turn);
	return Array.from({ length: points }, (_, i) => {
		const angle = (i / points) * 2 * Math.PI;
		const u = Math.cos(angle) * rx;
		const v = Math.sin(angle) * ry;
		return [x + u * cos - v * sin, y + u * sin + v * cos];
	});
}

/** An axis-parallel rectangle. */
export function rectangle(x: number, y: number, width: number, height: number): Point[] {
	return [
		[x, y],
		[x + width, y],
		[x + width, y + height],
		[x, y + height]
	];
}

/** A smooth curve (Catmull-Rom spline) through points. */
export function curve(through: readonly Point[], pieces = 8): Point[] {
	const at = (i: number) => through[Math.min(through.length - 1, Math.max(0, i))]!;
	const points: Point[] = [];
	for (let i = 0; i + 1 < through.length; i++) {
		for (let k = 0; k < pieces; k++) points.push(spline(at(i - 1), at(i), at(i + 1), at(i + 2), k / pieces));
	}
	points.push(at(through.length - 1));
	return points;
}

/** A smooth closed outline through points. */
export function blob(through: readonly Point[], pieces = 8): Point[] {
	const n = through.length;
	const at = (i: number) => through[(i + n) % n]!;
	return through.flatMap((_, i) =>
		Array.from({ length: pieces }, (_, k) => spline(at(i - 1), at(i), at(i + 1), at(i + 2), k / pieces))
	);
}

/** Points turned by an angle (radians, clockwise) about a centre. */
export function turned(points: readonly Point[], [cx, cy]: Point, angle: number): Point[] {
	const cos = Math.cos(angle);
	const sin = Math.sin(angle);
	return points.map(([x, y]) => [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos]);
}

/** Points moved by an offset. */
export function moved(points: readonly Point[], dx: number, dy: number): Point[] {
	return points.map(([x, y]) => [x + dx, y + dy]);
}

function spline(p0: Point, p1: Point, p2: Point, p3: Point, t: number): Point {
	const axis = (k: 0 | 1) =>
		p1[k] +
		0.5 *
			t *
			(p2[k] -
				p0[k] +
				t * (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k] + t * (3 * (p1[k] - p2[k]) + p3[k] - p0[k])));
	return [axis(0), axis(1)];
}
