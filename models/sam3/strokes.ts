import type { Size } from '../frame.ts';
import type { Prompt } from '../segmenter.ts';

type Stroke = Extract<Prompt, { kind: 'stroke' }>;
type Place = readonly [x: number, y: number];

/**
 * Places along a stroke's path that lie in the picture, evenly spaced: one for every two diameters of the brush, in the middle of its part.
 * @param most how many at most, at least 1
 */
export function alongPath(
	{ points, radius }: Stroke,
	{ width, height }: Size,
	most: number
): (readonly [x: number, y: number])[] {
	const lengths = points.slice(1).map((to, i) => distance(points[i]!, to));
	const total = lengths.reduce((sum, length) => sum + length, 0);
	const count = Math.min(most, Math.max(1, Math.round(total / Math.max(4 * radius, 1))));
	const places = Array.from({ length: points.length === 0 ? 0 : count }, (_, i): Place => {
		let left = ((i + 0.5) * total) / count;
		const at = lengths.findIndex((length) => (left -= length) < 0);
		if (at < 0) return points.at(-1)!;
		const [from, to] = [points[at]!, points[at + 1]!];
		const share = 1 + left / lengths[at]!;
		return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
	});
	const inside = ([x, y]: Place) => x >= 0 && y >= 0 && x <= width && y <= height;
	const shown = places.filter(inside);
	return shown.length > 0 ? shown : points.filter(inside).slice(0, 1);
}

/**
 * Forces what the user painted: every pixel whose middle lies under a stroke. A later stroke overrules an earlier one.
 * @param values one for each pixel of `size`, changed in place
 * @param picture the frame that the strokes are on, which `size` covers
 * @param paint a painted pixel's value, from the one that it has
 */
export function paintStrokes(
	values: Float32Array | Uint8Array,
	size: Size,
	prompts: readonly Prompt[],
	picture: Size,
	paint: (value: number, positive: boolean) => number
): void {
	const across = picture.width / size.width;
	const down = picture.height / size.height;
	for (const stroke of prompts) {
		if (stroke.kind !== 'stroke') continue;
		const { points, radius, positive } = stroke;
		const reach = radius * radius;
		for (let p = 0; p < points.length; p++) {
			const [from, to] = [points[Math.max(p - 1, 0)]!, points[p]!];
			const left = Math.max(0, Math.floor((Math.min(from[0], to[0]) - radius) / across));
			const right = Math.min(size.width, Math.ceil((Math.max(from[0], to[0]) + radius) / across));
			const top = Math.max(0, Math.floor((Math.min(from[1], to[1]) - radius) / down));
			const bottom = Math.min(size.height, Math.ceil((Math.max(from[1], to[1]) + radius) / down));
			for (let y = top; y < bottom; y++) {
				for (let x = left; x < right; x++) {
					const place: Place = [(x + 0.5) * across, (y + 0.5) * down];
					if (squaredDistance(place, from, to) > reach) continue;
					const i = y * size.width + x;
					values[i] = paint(values[i]!, positive);
				}
			}
		}
	}
}

function distance(a: Place, b: Place): number {
	return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

/** From a place to the nearest of a line between two others. */
function squaredDistance([x, y]: Place, [ax, ay]: Place, [bx, by]: Place): number {
	const [dx, dy] = [bx - ax, by - ay];
	const length = dx * dx + dy * dy;
	const share = length > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
	return (x - ax - share * dx) ** 2 + (y - ay - share * dy) ** 2;
}
