import type { Proxy } from './proxy.ts';

/** A picture whose labels are known. */
export interface Labelled {
	readonly proxy: Proxy;
	/** Share of the target in each pixel, 0 to 255. */
	readonly mask: Uint8Array;
}

const RADIUS = 6;
const STEP = 3;
/** Colour distance, in steps of Lab, at which a vote counts 0.6. */
const SIGMA = 9;
const TABLE_SHIFT = 2;
const TABLE = Float32Array.from({ length: 1024 }, (_, i) =>
	Math.exp(-(i << TABLE_SHIFT) / (2 * SIGMA * SIGMA))
);

/**
 * Log odds of being the target, as the previous picture votes: every pixel asks those in a window around the place that it came from,
 * and each answers with its label, the louder the more alike the colours are. 0 where nothing alike is found.
 * @param flow for each pixel, the way to the place in `before` that it came from: dx, dy in pixels
 * @param ask which pixels ask; the others get 0
 */
export function localVote(now: Proxy, before: Labelled, flow: Float32Array, ask: Uint8Array): Float32Array {
	const { width, height } = now;
	const odds = new Float32Array(width * height);
	const { lab } = now;
	const theirs = before.proxy.lab;
	const labels = before.mask;
	for (let y = 0, pixel = 0; y < height; y++) {
		for (let x = 0; x < width; x++, pixel++) {
			if (!ask[pixel]) continue;
			const l = lab[3 * pixel]!;
			const a = lab[3 * pixel + 1]!;
			const b = lab[3 * pixel + 2]!;
			const centreX = x + Math.round(flow[2 * pixel]!);
			const centreY = y + Math.round(flow[2 * pixel + 1]!);
			const left = Math.max(0, centreX - RADIUS);
			const right = Math.min(width - 1, centreX + RADIUS);
			const bottom = Math.min(height - 1, centreY + RADIUS);
			let target = 0.25;
			let rest = 0.25;
			for (let v = Math.max(0, centreY - RADIUS); v <= bottom; v += STEP) {
				for (let u = left; u <= right; u += STEP) {
					const other = v * width + u;
					const i = 3 * other;
					const dl = theirs[i]! - l;
					const da = theirs[i + 1]! - a;
					const db = theirs[i + 2]! - b;
					const square = (dl * dl + 2 * (da * da + db * db)) >> TABLE_SHIFT;
					if (square >= 1024) continue;
					const weight = TABLE[square]!;
					const label = labels[other]! / 255;
					target += weight * label;
					rest += weight * (1 - label);
				}
			}
			odds[pixel] = Math.log(target / rest);
		}
	}
	return odds;
}
