import { describe, expect, it } from 'vitest';
import type { RunLengthMask } from './mask.ts';
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

	it('takes about a byte for each edge of a shape', () => {
		const rows = Array.from({ length: 1000 }, (_, row) => Math.round(200 + 150 * Math.sin(row / 90)));
		const counts = rows.flatMap((half, i) => [960 - half + (i > 0 ? 960 - rows[i - 1]! : 0), 2 * half]);
		counts.push(1920 * 1000 - counts.reduce((sum, count) => sum + count, 0));
		const packed = packMask({ width: 1920, height: 1000, counts });
		expect(packed.bytes.length / counts.length).toBeLessThan(1.1);
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
