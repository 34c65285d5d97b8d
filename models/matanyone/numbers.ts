/** Numbers of a tensor that a network computes with; half precision as its bits. */
export type Numbers = Float32Array | Uint16Array;

/** Half precision as its bits: where the platform has a `Float16Array`, ONNX Runtime answers with one. */
export function halves(data: Numbers): Numbers {
	if (data instanceof Float32Array || data instanceof Uint16Array) return data;
	const { buffer, byteOffset, length } = data as Uint16Array;
	return new Uint16Array(buffer, byteOffset, length);
}
