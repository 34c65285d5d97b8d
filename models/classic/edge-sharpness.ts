import type { Frame } from '../frame.ts';
import type { Rect } from './opencv.ts';

const REACH = 3;
const CELL = 8;
/** Shares of the colour step across the whole band found within three pixels of the edge: at `BLURRED` and less the edge counts as soft. */
const BLURRED = 0.45;
const SHARP = 0.8;

/**
 * How sharp the picture is along a mask's edge: 1 where the colour changes within a few pixels, 0 where it takes the whole band
 * (motion blur, defocus, cloth that shines through).
 * @param distance how far inside the edge each pixel of the region lies
 * @param contrast colour distance between the target and the background at the band's ends, near a pixel of the region
 * @returns sharpness at a pixel of the region
 */
export function edgeSharpness(
	frame: Frame,
	region: Rect,
	distance: Float32Array,
	contrast: (x: number, y: number) => number
): (x: number, y: number) => number {
	const across = Math.ceil(region.width / CELL);
	const down = Math.ceil(region.height / CELL);
	const near = new Float32Array(across * down);
	const far = new Float32Array(across * down);
	for (let y = REACH; y < region.height - REACH; y++) {
		// Every second pixel of the edge is enough.
		for (let x = REACH + (y & 1); x < region.width - REACH; x += 2) {
			const d = distance[y * region.width + x]!;
			if (d >= 1.5 || d <= -1.5) continue;
			const cell = Math.floor(y / CELL) * across + Math.floor(x / CELL);
			near[cell]! += nearContrast(frame, region, distance, x, y);
			far[cell]! += contrast(x, y);
		}
	}
	const sharpness = new Float32Array(across * down);
	for (let y = 0, i = 0; y < down; y++) {
		for (let x = 0; x < across; x++, i++) {
			let [n, f] = [0, 0];
			for (let v = Math.max(0, y - 1); v <= Math.min(down - 1, y + 1); v++) {
				for (let u = Math.max(0, x - 1); u <= Math.min(across - 1, x + 1); u++) {
					n += near[v * across + u]!;
					f += far[v * across + u]!;
				}
			}
			sharpness[i] = f > 0 ? smoothstep((n / f - BLURRED) / (SHARP - BLURRED)) : 1;
		}
	}
	return (x, y) => {
		const u = Math.min(across - 1, Math.max(0, (x + 0.5) / CELL - 0.5));
		const v = Math.min(down - 1, Math.max(0, (y + 0.5) / CELL - 0.5));
		const i = Math.floor(v) * across + Math.floor(u);
		const right = u < across - 1 ? 1 : 0;
		const below = v < down - 1 ? across : 0;
		const p = u % 1;
		const q = v % 1;
		const upper = sharpness[i]! + p * (sharpness[i + right]! - sharpness[i]!);
		const lower = sharpness[i + below]! + p * (sharpness[i + below + right]! - sharpness[i + below]!);
		return upper + q * (lower - upper);
	};
}

/** Colour distance between the two sides of the edge within a few pixels. */
function nearContrast(frame: Frame, region: Rect, distance: Float32Array, x: number, y: number): number {
	const { data, width } = frame;
	let [targets, tr, tg, tb] = [0, 0, 0, 0];
	let [rests, rr, rg, rb] = [0, 0, 0, 0];
	for (let v = y - REACH; v <= y + REACH; v++) {
		let i = v * region.width + x - REACH;
		let c = 4 * ((region.y + v) * width + region.x + x - REACH);
		for (const end = i + 2 * REACH; i <= end; i++, c += 4) {
			const d = distance[i]!;
			if (d > 1) {
				targets++;
				tr += data[c]!;
				tg += data[c + 1]!;
				tb += data[c + 2]!;
			} else if (d < -1) {
				rests++;
				rr += data[c]!;
				rg += data[c + 1]!;
				rb += data[c + 2]!;
			}
		}
	}
	if (targets === 0 || rests === 0) return 0;
	return Math.hypot(tr / targets - rr / rests, tg / targets - rg / rests, tb / targets - rb / rests);
}

function smoothstep(value: number): number {
	const t = Math.max(0, Math.min(1, value));
	return t * t * (3 - 2 * t);
}
