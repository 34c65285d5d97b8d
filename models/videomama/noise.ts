/**
 * The normal noise that VideoMaMa begins a frame with: [4, height, width] of its latents. Each number follows from the seed, the
 * frame's number and its own place alone, so that a frame begins with the same noise in every window.
 */
export function frameNoise(seed: number, frame: number, width: number, height: number): Float32Array {
	const key = mix(mix(seed) ^ Math.imul(frame + 1, 0x9e3779b9));
	const noise = new Float32Array(4 * height * width);
	for (let c = 0, i = 0; c < 4; c++) {
		for (let y = 0; y < height; y++) {
			const row = mix(key + 4 * y + c);
			for (let x = 0; x < width; x++) noise[i++] = normal(row + 2 * x);
		}
	}
	return noise;
}

/** A normal number from two uniform ones (Box and Muller's transform). */
function normal(place: number): number {
	const radius = Math.sqrt(-2 * Math.log((mix(place) + 1) / 2 ** 32));
	return radius * Math.cos((2 * Math.PI * mix(place + 1)) / 2 ** 32);
}

/** Spreads 32 bits evenly over 2^32 (Wellons, "hash-prospector": the multipliers of its best two-round function). */
function mix(bits: number): number {
	let x = bits | 0;
	x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
	x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
	return (x ^ (x >>> 15)) >>> 0;
}
