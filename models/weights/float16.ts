/** IEEE 754 half precision, rounded to the nearest, ties to even; what is too large becomes infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
	const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const result = new Uint16Array(values.length);
	for (let i = 0; i < words.length; i++) result[i] = halfOf(words[i]!);
	return result;
}

/** The numbers that half-precision words stand for. */
export function fromFloat16(words: Uint16Array): Float32Array {
	const result = new Float32Array(words.length);
	const bits = new Uint32Array(result.buffer);
	for (let i = 0; i < words.length; i++) {
		const word = words[i]!;
		const sign = (word & 0x8000) << 16;
		const exponent = (word >>> 10) & 0x1f;
		const fraction = word & 0x3ff;
		if (exponent === 0) result[i] = (sign ? -fraction : fraction) * smallest;
		else bits[i] = sign | ((exponent === 31 ? 0xff : exponent + 112) << 23) | (fraction << 13);
	}
	return result;
}

/** The smallest positive number of half precision. */
const smallest = 2 ** -24;

/** From the bits of a float32 to those of the nearest half. */
function halfOf(word: number): number {
	const sign = (word >>> 16) & 0x8000;
	const exponent = (word >>> 23) & 0xff;
	const fraction = word & 0x7fffff;
	if (exponent === 0xff) return sign | 0x7c00 | (fraction ? 0x200 : 0);
	if (exponent > 112) {
		// A carry out of the fraction raises the exponent, up to infinity, as it should.
		const rounded = ((exponent - 112) << 10) + (fraction >>> 13) + carry(fraction, 13);
		return sign | Math.min(rounded, 0x7c00);
	}
	if (exponent <= 101) return sign;
	const shift = 126 - exponent;
	const whole = fraction | 0x800000;
	return sign | ((whole >>> shift) + carry(whole, shift));
}

/** Whether cutting off the lowest bits must round up: 1 or 0. */
function carry(value: number, dropped: number): number {
	const rest = value & ((1 << dropped) - 1);
	const half = 1 << (dropped - 1);
	return rest > half || (rest === half && (value >>> dropped) & 1) ? 1 : 0;
}
