import type { Size } from '../frame.ts';

/**
 * Length of the cheapest way from the seeds to each pixel, where a step costs its colour difference (in steps of Lab) and `spatial` for
 * each pixel of its length. Found by raster scans in turn, which is close to exact after a few (Criminisi et al. 2008).
 * @param seeds not 0 where ways begin
 */
export function geodesicDistance(
	{ width, height }: Size,
	lab: Uint8Array,
	seeds: Uint8Array,
	spatial: number,
	rounds = 2
): Float32Array {
	const far = 1e9;
	const distance = new Float32Array(seeds.length).fill(far);
	for (let i = 0; i < seeds.length; i++) if (seeds[i]) distance[i] = 0;
	const relax = (i: number, j: number, step: number) => {
		const base = distance[j]!;
		if (base >= distance[i]!) return;
		const dl = lab[3 * i]! - lab[3 * j]!;
		const da = lab[3 * i + 1]! - lab[3 * j + 1]!;
		const db = lab[3 * i + 2]! - lab[3 * j + 2]!;
		const length = base + Math.sqrt(dl * dl + da * da + db * db) + spatial * step;
		if (length < distance[i]!) distance[i] = length;
	};
	for (let round = 0; round < rounds; round++) {
		for (let y = 0, i = 0; y < height; y++) {
			for (let x = 0; x < width; x++, i++) {
				if (x > 0) relax(i, i - 1, 1);
				if (y === 0) continue;
				relax(i, i - width, 1);
				if (x > 0) relax(i, i - width - 1, Math.SQRT2);
				if (x < width - 1) relax(i, i - width + 1, Math.SQRT2);
			}
		}
		for (let y = height - 1, i = width * height - 1; y >= 0; y--) {
			for (let x = width - 1; x >= 0; x--, i--) {
				if (x < width - 1) relax(i, i + 1, 1);
				if (y === height - 1) continue;
				relax(i, i + width, 1);
				if (x < width - 1) relax(i, i + width + 1, Math.SQRT2);
				if (x > 0) relax(i, i + width - 1, Math.SQRT2);
			}
		}
	}
	return distance;
}
