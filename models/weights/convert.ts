import type { FloatType } from '../onnx/types.ts';
import type { StoredType } from './checkpoint.ts';
import { fromFloat16, toFloat16 } from './float16.ts';

/** Stored types that can become a float type of a graph. */
export type StoredFloat = Extract<StoredType, 'F64' | 'F32' | 'F16' | 'BF16'>;

export function isStoredFloat(dtype: StoredType): dtype is StoredFloat {
	return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

/** Stored numbers as float32, rounded to nearest where they are wider. */
export function toFloat32(bytes: Uint8Array, dtype: StoredFloat): Float32Array {
	switch (dtype) {
		case 'F32':
			return new Float32Array(...elements(bytes, 4));
		case 'F64':
			return Float32Array.from(new Float64Array(...elements(bytes, 8)));
		case 'F16':
			return fromFloat16(new Uint16Array(...elements(bytes, 2)));
		case 'BF16': {
			const bits = Uint32Array.from(new Uint16Array(...elements(bytes, 2)), (upper) => upper << 16);
			return new Float32Array(bits.buffer);
		}
	}
}

/** Stored numbers as the bytes of a graph's float type, rounded once, to nearest even. */
export function convertFloats(bytes: Uint8Array, from: StoredFloat, to: FloatType): Uint8Array {
	if (from === 'F16' && to === 'float16') return bytes;
	if (from === 'F64' && to === 'float16') return packFloats(oddFloats(bytes), to);
	return packFloats(toFloat32(bytes, from), to);
}

/** Numbers as the bytes of a graph's float type, rounded to nearest even. */
export function packFloats(values: Float32Array, to: FloatType): Uint8Array {
	const packed = to === 'float32' ? values : toFloat16(values);
	return new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
}

/**
 * Doubles as float32 rounded to odd: an inexact one ends in a set bit, so that rounding it once more, to half precision, is right (Boldo
 * and Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
 */
function oddFloats(bytes: Uint8Array): Float32Array {
	const doubles = new Float64Array(...elements(bytes, 8));
	const floats = Float32Array.from(doubles);
	const bits = new Uint32Array(floats.buffer);
	for (let i = 0; i < bits.length; i++) {
		const inexact = floats[i] !== doubles[i] && Number.isFinite(floats[i]);
		if (inexact && !(bits[i]! & 1)) bits[i]! += Math.abs(floats[i]!) < Math.abs(doubles[i]!) ? 1 : -1;
	}
	return floats;
}

/** The arguments of a typed array over the bytes, which are copied where they do not lie on a multiple of the element's size. */
function elements(bytes: Uint8Array, size: number): [ArrayBuffer, number, number] {
	const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
	return [buffer as ArrayBuffer, byteOffset, byteLength / size];
}
