import { describe, expect, it } from 'vitest';
import { encodeMask, type RunLengthMask } from './mask.ts';
import { openMask, packedText, packMask, parsePacked, unpackMask } from './packed-mask.ts';

const masks: RunLengthMask[] = [
	{ width: 3, height: 2, counts: [6] },
	{ width: 3, height: 2, counts: [0, 6] },
	{ width: 3, height: 2, counts: [0, 1, 0, 1, 0, 4] },
	{ width: 16384, height: 16384, counts: [0, 2 ** 28 - 1, 1] },
	{ width: 16384, height: 16384, counts: [2 ** 28 - 3, 1, 0, 1, 1] }
];

describe('a packed mask', () => {
	it.each(masks)('is the same when it is unpacked: $counts', (mask) => {
		const packed = packMask(mask);
		expect(unpackMask(packed)).toEqual(mask);
		expect(openMask(packedText(packed))).toEqual(mask);
		expect(parsePacked(packedText(packed))).toEqual(packed);
		expect(openMask(mask)).toBe(mask);
	});

	it('tells whether it shows anything', () => {
		expect(masks.map((mask) => packMask(mask).isEmpty)).toEqual([true, false, false, false, false]);
	});

	it('takes less than a byte for each edge of shapes, however many stand beside each other', () => {
		const size = { width: 1920, height: 1000 };
		const data = new Uint8Array(size.width * size.height);
		for (let person = 0; person < 8; person++)
			for (let y = 100; y < 900; y++) {
				const half = Math.round(60 + 40 * Math.sin(y / 40 + person) + 5 * Math.sin(y * person));
				const middle = y * size.width + 120 + 240 * person;
				data.fill(255, middle - half, middle + half);
			}
		const mask = encodeMask({ ...size, data });
		const packed = packMask(mask);
		expect(packed.bytes.length / mask.counts.length).toBeLessThan(0.75);
		expect(unpackMask(packed)).toEqual(mask);
	});

	it('is the same whatever it shows', () => {
		for (let seed = 1; seed < 50; seed++) {
			const data = Uint8Array.from({ length: 13 * 11 }, (_, i) =>
				Math.sin(seed * (i + seed) ** 2) > 0.3 ? 255 : 0
			);
			const mask = encodeMask({ width: 13, height: 11, data });
			expect(unpackMask(packMask(mask))).toEqual(mask);
		}
	});

	it('is refused when it is cut off, or of another size', () => {
		const { bytes } = packMask({ width: 300, height: 2, counts: [200, 300, 100] });
		const size = { width: 300, height: 2 };
		for (const wrong of [
			bytes.slice(0, -1),
			bytes.slice(0, 1),
			Uint8Array.of(255, 255, 255, 255, 255, 255),
			Uint8Array.of(1)
		])
			expect(() => unpackMask({ ...size, bytes: wrong })).toThrow(RangeError);
		expect(() => openMask({ ...size, packed: '!' })).toThrow();
	});
});
