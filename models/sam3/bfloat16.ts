/** Numbers as bfloat16, the upper half of a float32: rounded to the nearest, ties to even. */
export function toBfloat16(values: Float32Array): Uint16Array {
	const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const words = new Uint16Array(bits.length);
	for (let i = 0; i < bits.length; i++) {
		const word = bits[i]!;
		words[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
	}
	return words;
}

/** Writes the numbers that bfloat16 words stand for. */
export function fromBfloat16(words: Uint16Array, into: Float32Array): void {
	const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
	for (let i = 0; i < words.length; i++) bits[i] = words[i]! << 16;
}
