const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** IEEE 754 half precision, rounded to the nearest, ties to even; what is too large becomes infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
	const result = new Uint16Array(values.length);
	for (let i = 0; i < values.length; i++) {
		float[0] = values[i]!;
		const word = bits[0]!;
		const sign = (word >>> 16) & 0x8000;
		const exponent = (word >>> 23) & 0xff;
		const fraction = word & 0x7fffff;
		let half: number;
		if (exponent === 0xff) {
			half = 0x7c00 | (fraction ? 0x200 : 0);
		} else if (exponent > 112) {
			// A carry out of the fraction raises the exponent, up to infinity, as it should.
			const rounded = ((exponent - 112) << 10) + (fraction >>> 13) + carry(fraction, 13);
			half = Math.min(rounded, 0x7c00);
		} else if (exponent > 101) {
			const shift = 126 - exponent;
			const whole = fraction | 0x800000;
			half = (whole >>> shift) + carry(whole, shift);
		} else {
			half = 0;
		}
		result[i] = sign | half;
	}
	return result;
}

/** Whether cutting off the lowest bits must round up: 1 or 0. */
function carry(value: number, dropped: number): number {
	const rest = value & ((1 << dropped) - 1);
	const half = 1 << (dropped - 1);
	return rest > half || (rest === half && (value >>> dropped) & 1) ? 1 : 0;
}

/** The numbers that half-precision words stand for. */
export function fromFloat16(words: Uint16Array): Float32Array {
	const result = new Float32Array(words.length);
	for (let i = 0; i < words.length; i++) {
		const word = words[i]!;
		const sign = word & 0x8000 ? -1 : 1;
		const exponent = (word >>> 10) & 0x1f;
		const fraction = word & 0x3ff;
		if (exponent === 0) result[i] = sign * fraction * 2 ** -24;
		else if (exponent === 31) result[i] = fraction ? NaN : sign * Infinity;
		else result[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
	}
	return result;
}
