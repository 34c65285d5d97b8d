import { expect, test } from 'vitest';
import { convertFloats, packFloats, toFloat32 } from './convert.ts';
import { fromFloat16, toFloat16 } from './float16.ts';

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const halvesIn = (bytes: Uint8Array) => [...new Uint16Array(Uint8Array.from(bytes).buffer)];
const half = (value: number) => toFloat16(Float32Array.of(value))[0]!;
const next = (value: number, step: 1 | -1) => {
	const bits = new Int32Array(Float32Array.of(value).buffer);
	bits[0]! += step;
	return new Float32Array(bits.buffer)[0]!;
};

test('every half-precision number survives float32', () => {
	const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
	const isNaN16 = (bits: number) => (bits & 0x7fff) > 0x7c00;
	const again = toFloat16(fromFloat16(all));
	expect(all.filter((bits, i) => (isNaN16(bits) ? !isNaN16(again[i]!) : again[i] !== bits))).toHaveLength(0);
});

test('between two half-precision numbers, the nearest is taken, and the even one of two', () => {
	const values = fromFloat16(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
	const wrong = [];
	for (let bits = 0; bits + 1 < values.length; bits++) {
		const middle = (values[bits]! + values[bits + 1]!) / 2;
		const even = bits % 2 ? bits + 1 : bits;
		const found = [half(next(middle, -1)), half(middle), half(next(middle, 1)), half(-middle)];
		if (String(found) !== String([bits, even, bits + 1, even | 0x8000])) wrong.push(bits);
	}
	expect(wrong).toEqual([]);
});

test('what is too large becomes infinite, what is too small zero with its sign', () => {
	expect([65504, 65519.99, 65520, 1e30, Infinity].map(half)).toEqual([
		0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00
	]);
	expect([2 ** -25, -(2 ** -26), -0, 0].map(half)).toEqual([0, 0x8000, 0x8000, 0]);
});

test('bfloat16, half and double precision become float32', () => {
	expect([...toFloat32(bytesOf(Uint16Array.of(0x3f80, 0xc040, 0x7f80)), 'BF16')]).toEqual([1, -3, Infinity]);
	expect([...toFloat32(bytesOf(Uint16Array.of(0x3c00, 0x0001)), 'F16')]).toEqual([1, 2 ** -24]);
	expect([...toFloat32(bytesOf(Float64Array.of(0.1, 1e300)), 'F64')]).toEqual([Math.fround(0.1), Infinity]);
});

test('bfloat16 becomes half precision', () => {
	const bytes = convertFloats(bytesOf(Uint16Array.of(0x3f81, 0x7f00, 0xb380)), 'BF16', 'float16');
	expect(halvesIn(bytes)).toEqual([0x3c08, 0x7c00, 0x8001]);
});

test('doubles are rounded once on their way to half precision', () => {
	const middle = 1 + 2 ** -11;
	const doubles = [middle + 2 ** -40, middle - 2 ** -40, -middle - 2 ** -40, middle, 2 ** -25 + 2 ** -60];
	const bytes = convertFloats(bytesOf(Float64Array.from(doubles)), 'F64', 'float16');
	expect(halvesIn(bytes)).toEqual([0x3c01, 0x3c00, 0xbc01, 0x3c00, 0x0001]);
	const extremes = convertFloats(bytesOf(Float64Array.of(1e300, -1e300, NaN, 1e-300)), 'F64', 'float16');
	expect(halvesIn(extremes)).toEqual([0x7c00, 0xfc00, 0x7e00, 0]);
});

test('bytes that do not begin on a multiple of the element size are read all the same', () => {
	const odd = new Uint8Array(9);
	odd.set(bytesOf(Float32Array.of(1, 2)), 1);
	expect([...toFloat32(odd.subarray(1), 'F32')]).toEqual([1, 2]);
	expect([...toFloat32(Buffer.from(odd).subarray(1), 'F32')]).toEqual([1, 2]);
	expect(packFloats(Float32Array.of(1), 'float16')).toEqual(Uint8Array.of(0, 0x3c));
});
