/** A number in [0, 1) that depends on nothing but two whole numbers and a seed. */
export function hash(x: number, y: number, seed: number): number {
	let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
	h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** A generator of numbers in [0, 1), the same for the same seed. */
export function random(seed: number): () => number {
	let count = 0;
	return () => hash(count++, 0, seed);
}

/** Value noise: smooth, in [0, 1), with features of about the size 1. */
export function noise(x: number, y: number, seed: number): number {
	const x0 = Math.floor(x);
	const y0 = Math.floor(y);
	const u = smooth(x - x0);
	const v = smooth(y - y0);
	const top = hash(x0, y0, seed) * (1 - u) + hash(x0 + 1, y0, seed) * u;
	const bottom = hash(x0, y0 + 1, seed) * (1 - u) + hash(x0 + 1, y0 + 1, seed) * u;
	return top * (1 - v) + bottom * v;
}

/** Value noise summed over octaves, each twice as fine and half as strong as the one before; in [0, 1). */
export function fractalNoise(x: number, y: number, seed: number, octaves = 4): number {
	let sum = 0;
	let weight = 0;
	for (let octave = 0; octave < octaves; octave++) {
		const scale = 2 ** octave;
		sum += noise(x * scale, y * scale, seed + octave) / scale;
		weight += 1 / scale;
	}
	return sum / weight;
}

/** The cubic 3t² - 2t³, for t in [0, 1]. */
function smooth(t: number): number {
	return t * t * (3 - 2 * t);
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smoothstep(from: number, to: number, value: number): number {
	return smooth(Math.min(1, Math.max(0, (value - from) / (to - from))));
}
