import { expect, it } from 'vitest';
import { assignBits, boxAround, packMasks, type Look, type Placed } from './layers.ts';

const mask = (bit: number, ...counts: number[]): Placed => ({ mask: { width: 4, height: 2, counts }, bit });
const look = (red: number, tint = 0.5): Look => ({ colour: [red, 0, 0], tint, edge: 1 });

it('tells for each pixel which masks it belongs to', () => {
	const { width, height, data } = packMasks([mask(0, 1, 3, 4), mask(1, 2, 4, 2), mask(2, 0, 8)]);
	expect([width, height]).toEqual([4, 2]);
	expect([...data]).toEqual([4, 5, 7, 7, 6, 6, 4, 4]);
});

it('takes no more room than the bits need', () => {
	const bytes = [7, 8, 15, 16, 31].map((bit) => packMasks([mask(bit, 0, 8)]).data.BYTES_PER_ELEMENT);
	expect(bytes).toEqual([1, 2, 2, 4, 4]);
	expect(packMasks([mask(31, 0, 8)]).data[0]).toBe(2 ** 31);
});

it('refuses masks that do not lie over each other, and broken ones', () => {
	const other = { mask: { width: 2, height: 4, counts: [8] }, bit: 1 };
	expect(() => packMasks([mask(0, 8), other])).toThrow(RangeError);
	expect(() => packMasks([mask(0, 0, 9)])).toThrow(RangeError);
});

it('gives every layer a bit of its own as long as there are enough', () => {
	expect(assignBits([look(1), look(1), look(0)])).toEqual([0, 1, 2]);
});

it('lets layers that look alike share a bit when there are too many', () => {
	const many = Array.from({ length: 40 }, (_, index) => look(index % 8, index < 20 ? 0.5 : 0));
	const bits = assignBits(many);
	expect(Math.max(...bits)).toBe(15);
	for (const [index, bit] of bits.entries()) expect(many[bits.indexOf(bit)]).toEqual(many[index]);
});

it('knows the part that masks cover', () => {
	const masks = [mask(0, 1, 1, 6), mask(0, 6, 1, 1), mask(0, 8)].map(({ mask }) => mask);
	expect(boxAround(masks)).toEqual({ x: 1, y: 0, width: 2, height: 2 });
	expect(boxAround([masks[2]!])).toBeUndefined();
});
