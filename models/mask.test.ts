import { describe, expect, it } from 'vitest';
import { decodeMask, encodeMask, fitMask, maskArea, maskBox } from './mask.ts';

describe('run-length masks', () => {
	const mask = { width: 4, height: 2, data: Uint8Array.of(255, 255, 0, 0, 0, 255, 0, 255) };

	it('come back as they were', () => {
		const coded = encodeMask(mask);
		expect(coded.counts).toEqual([0, 2, 3, 1, 1, 1]);
		expect(decodeMask(coded)).toEqual(mask);
		expect(maskArea(coded)).toBe(4);
	});

	it('hold an empty and a full mask', () => {
		expect(encodeMask({ width: 2, height: 1, data: Uint8Array.of(0, 0) }).counts).toEqual([2]);
		expect(encodeMask({ width: 2, height: 1, data: Uint8Array.of(255, 255) }).counts).toEqual([0, 2]);
	});

	it('tell the rectangle around the target', () => {
		const inTwoRows = { width: 5, height: 4, counts: [6, 2, 2, 3, 7] };
		expect(maskBox(inTwoRows)).toEqual({ x: 0, y: 1, width: 3, height: 2 });
		expect(maskBox({ ...inTwoRows, counts: [7, 2, 0, 2, 9] })).toEqual({ x: 0, y: 1, width: 5, height: 2 });
		expect(maskBox({ ...inTwoRows, counts: [7, 1, 3, 1, 8] })).toEqual({ x: 1, y: 1, width: 2, height: 2 });
		expect(maskBox({ ...inTwoRows, counts: [20] })).toBeUndefined();
	});

	it('are fitted to pixels that are not square', () => {
		const shown = encodeMask({
			width: 8,
			height: 2,
			data: Uint8Array.from({ length: 16 }, (_, i) => (i % 8 < 4 ? 255 : 0))
		});
		const stored = fitMask(shown, { width: 6, height: 2 }, 4 / 3);
		expect(decodeMask(stored)).toEqual({
			...{ width: 6, height: 2 },
			data: Uint8Array.of(255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0)
		});
		expect(fitMask(stored, stored, 4 / 3)).toBe(stored);
		const refused = expect.objectContaining({ code: 'mask-size' });
		expect(() => fitMask(shown, { width: 6, height: 2 })).toThrow(refused);
		expect(() => fitMask(shown, { width: 6, height: 3 }, 4 / 3)).toThrow(refused);
	});

	it('are refused when the counts do not fit the size', () => {
		expect(() => decodeMask({ width: 2, height: 2, counts: [1, 4] })).toThrow(RangeError);
		expect(() => decodeMask({ width: 2, height: 2, counts: [1, 1] })).toThrow(RangeError);
		expect(() => decodeMask({ width: 2, height: 2, counts: [1, -1, 4] })).toThrow(RangeError);
	});
});
