import { expect, it } from 'vitest';
import { fromBfloat16, toBfloat16 } from './bfloat16.ts';

it('rounds to the nearest, ties to even', () => {
	const values = Float32Array.of(
		0,
		-2.5,
		1,
		1 + 2 ** -8,
		1 + 3 * 2 ** -8,
		1 + 2 ** -8 + 2 ** -20,
		3e38,
		Infinity
	);
	const back = new Float32Array(values.length);
	fromBfloat16(toBfloat16(values), back);
	expect([...back.subarray(0, 6)]).toEqual([0, -2.5, 1, 1, 1 + 2 ** -6, 1 + 2 ** -7]);
	expect(Math.abs(back[6]! / 3e38 - 1)).toBeLessThan(2 ** -8);
	expect(back[7]).toBe(Infinity);
});
