// Lab colours are counted in 16 steps of lightness and 32 of each of a and b.
const BINS = 16 * 32 * 32;

/** Which of the bins a colour falls into. */
export function binOf(l: number, a: number, b: number): number {
	return ((l >> 4) << 10) | ((a >> 3) << 5) | (b >> 3);
}

/** The bins of every pixel of a Lab picture. */
export function binsOf(lab: Uint8Array): Uint16Array {
	const bins = new Uint16Array(lab.length / 3);
	for (let i = 0, c = 0; i < bins.length; i++, c += 3) bins[i] = binOf(lab[c]!, lab[c + 1]!, lab[c + 2]!);
	return bins;
}

/** How often each colour occurs: a histogram of Lab, smoothed, that sums to 1. */
export class ColourModel {
	private constructor(readonly density: Float32Array) {}

	/** Learns from pixels, each counted by its weight (not negative). */
	static learn(bins: Uint16Array, weight: ArrayLike<number>): ColourModel {
		const counts = new Float32Array(BINS);
		let sum = 0;
		for (let i = 0; i < bins.length; i++) {
			counts[bins[i]!]! += weight[i]!;
			sum += weight[i]!;
		}
		smooth(counts, 1, 32);
		smooth(counts, 32, 32);
		smooth(counts, 1024, 16);
		for (let i = 0; i < BINS; i++) counts[i]! /= sum || 1;
		return new ColourModel(counts);
	}

	/** This model with a share (0 to 1) of another one. */
	mix(other: ColourModel, share: number): ColourModel {
		const density = new Float32Array(BINS);
		for (let i = 0; i < BINS; i++)
			density[i] = this.density[i]! + share * (other.density[i]! - this.density[i]!);
		return new ColourModel(density);
	}
}

/** Blurs along one axis of the histogram by 1 2 1. */
function smooth(counts: Float32Array, step: number, length: number): void {
	for (let start = 0; start < BINS; start++) {
		if (Math.floor(start / step) % length !== 0) continue;
		let before = counts[start]!;
		for (let k = 0, i = start; k < length; k++, i += step) {
			const own = counts[i]!;
			const after = k + 1 < length ? counts[i + step]! : own;
			counts[i] = (before + 2 * own + after) / 4;
			before = own;
		}
	}
}

/** Densities below this are not told from never seen. */
const FLOOR = 1e-4;

/** Log odds, for every colour bin, of the target's model against the background's. */
export function logOdds(target: ColourModel, background: ColourModel): Float32Array {
	const odds = new Float32Array(BINS);
	for (let i = 0; i < BINS; i++)
		odds[i] = Math.log((target.density[i]! + FLOOR) / (background.density[i]! + FLOOR));
	return odds;
}
