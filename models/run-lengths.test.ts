import { describe, expect, it } from 'vitest';
import { decodeMask, encodeMask, type RunLengthMask } from './mask.ts';
import { holdsPixel, sharedArea, uniteMasks } from './run-lengths.ts';

const size = { width: 7, height: 3 };
/** Of pixels that come and go by chance, the same in every run. */
function noise(seed: number): RunLengthMask {
	const data = Uint8Array.from({ length: 21 }, (_, i) => (Math.sin(seed * 99 + i * i) > 0 ? 255 : 0));
	return encodeMask({ ...size, data });
}
const masks = [1, 2, 3, 4].map(noise);
const empty = { ...size, counts: [21] };
const full = { ...size, counts: [0, 21] };
const pixels = (mask: RunLengthMask) => [...decodeMask(mask).data].map((value) => value > 0);

describe('masks as run lengths', () => {
	it('are united to what at least one shows', () => {
		const united = pixels(masks[0]!).map((_, i) => masks.some((mask) => pixels(mask)[i]));
		expect(pixels(uniteMasks(masks))).toEqual(united);
		expect(uniteMasks([masks[0]!, empty])).toEqual(masks[0]);
		expect(uniteMasks([empty, empty])).toEqual(empty);
		expect(uniteMasks([masks[0]!, full])).toEqual(full);
	});

	it('share the pixels that both show', () => {
		const [a, b] = masks as [RunLengthMask, RunLengthMask];
		const both = pixels(a).filter((shown, i) => shown && pixels(b)[i]).length;
		expect(sharedArea(a, b)).toBe(both);
		expect(sharedArea(full, empty)).toBe(0);
	});

	it('cannot be compared when they are of different sizes', () => {
		const other = { width: 3, height: 7, counts: [21] };
		expect(() => uniteMasks([empty, other])).toThrow(expect.objectContaining({ code: 'mask-size' }));
	});

	it('tell whether they hold a pixel, and none outside', () => {
		for (const mask of masks) {
			for (const [i, shown] of pixels(mask).entries())
				expect(holdsPixel(mask, (i % 7) + 0.9, Math.floor(i / 7) + 0.1)).toBe(shown);
		}
		for (const [x, y] of [
			[-0.1, 0],
			[7, 0],
			[0, -1],
			[0, 3]
		] as const)
			expect(holdsPixel(full, x, y)).toBe(false);
	});
});
