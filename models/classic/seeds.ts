import type { Size } from '../frame.ts';
import type { Prompt } from '../segmenter.ts';
import type { Rect } from './opencv.ts';

/** Pixels of a proxy that the user marked. */
export interface Seeds {
	/** 1 where the target is. */
	readonly target: Uint8Array;
	/** 1 where it is not. */
	readonly rest: Uint8Array;
}

/** A click counts as a disc of this share of the frame's longer side. */
const CLICK_RADIUS = 0.004;

/**
 * Draws clicks and strokes into the grid of a proxy; a later prompt overrules an earlier one where they meet.
 * @param region the part of the frame, in its pixels, that the grid of `size` covers
 */
export function drawSeeds(prompts: readonly Prompt[], frame: Size, region: Rect, size: Size): Seeds {
	const target = new Uint8Array(size.width * size.height);
	const rest = new Uint8Array(size.width * size.height);
	const click = CLICK_RADIUS * Math.max(frame.width, frame.height);
	for (const prompt of prompts) {
		if (prompt.kind === 'box') continue;
		const [into, outOf] = prompt.positive ? [target, rest] : [rest, target];
		const points = prompt.kind === 'point' ? [[prompt.x, prompt.y] as const] : prompt.points;
		const radius = prompt.kind === 'point' ? click : prompt.radius;
		drawPath(points, radius, region, size, (i) => {
			into[i] = 1;
			outOf[i] = 0;
		});
	}
	return { target, rest };
}

/** Visits the grid's pixels within `radius` of a path, at least those that the path itself runs through. */
function drawPath(
	points: readonly (readonly [number, number])[],
	radius: number,
	region: Rect,
	{ width, height }: Size,
	visit: (pixel: number) => void
): void {
	const scale = width / region.width;
	const r = Math.max(0.71, radius * scale);
	const places = points.map(
		([x, y]) => [(x - region.x) * scale - 0.5, (y - region.y) * scale - 0.5] as const
	);
	for (let k = 0; k < Math.max(1, places.length - 1); k++) {
		const [ax, ay] = places[k]!;
		const [bx, by] = places[Math.min(k + 1, places.length - 1)]!;
		const length = (bx - ax) ** 2 + (by - ay) ** 2;
		const top = Math.max(0, Math.ceil(Math.min(ay, by) - r));
		const bottom = Math.min(height - 1, Math.floor(Math.max(ay, by) + r));
		const left = Math.max(0, Math.ceil(Math.min(ax, bx) - r));
		const right = Math.min(width - 1, Math.floor(Math.max(ax, bx) + r));
		for (let y = top; y <= bottom; y++) {
			for (let x = left; x <= right; x++) {
				const along =
					length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
				const dx = x - ax - along * (bx - ax);
				const dy = y - ay - along * (by - ay);
				if (dx * dx + dy * dy <= r * r) visit(y * width + x);
			}
		}
	}
}

/** The smallest rectangle, in pixels of the frame, around everything that says where the target is; undefined when nothing does. */
export function extent(prompts: readonly Prompt[]): Rect | undefined {
	let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
	const reach = (x: number, y: number) => {
		left = Math.min(left, x);
		top = Math.min(top, y);
		right = Math.max(right, x);
		bottom = Math.max(bottom, y);
	};
	for (const prompt of prompts) {
		if (prompt.kind === 'box') {
			reach(prompt.x, prompt.y);
			reach(prompt.x + prompt.width, prompt.y + prompt.height);
		} else if (prompt.positive) {
			for (const [x, y] of prompt.kind === 'point' ? [[prompt.x, prompt.y] as const] : prompt.points)
				reach(x, y);
		}
	}
	if (left === Infinity) return undefined;
	return { x: left, y: top, width: right - left, height: bottom - top };
}
