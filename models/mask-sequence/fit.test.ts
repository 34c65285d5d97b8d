import { describe, expect, it } from 'vitest';
import { fitPlane } from './fit.ts';

const plane = (width: number, height: number, value: (x: number, y: number) => number) => ({
	...{ width, height },
	data: Uint8Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width)))
});

describe('a mask of another size', () => {
	it('stays as it is where the size is the clip’s', () => {
		const same = plane(4, 2, (x) => x);
		expect(fitPlane(same, { width: 4, height: 2 })).toBe(same);
	});

	it('is scaled both ways with a soft edge in the same place', () => {
		const half = (width: number, height: number) => plane(width, height, (x) => (x < width / 2 ? 255 : 0));
		const larger = fitPlane(half(8, 4), { width: 16, height: 8 });
		expect([...larger.data.subarray(0, 16)]).toEqual([...Array(7).fill(255), 191, 64, ...Array(7).fill(0)]);
		const smaller = fitPlane(half(16, 8), { width: 8, height: 4 });
		expect([...smaller.data.subarray(0, 8)]).toEqual([255, 255, 255, 223, 32, 0, 0, 0]);
	});

	it('takes an even plane for what it is, at every size', () => {
		for (const size of [3, 7, 64, 101]) {
			const { data } = fitPlane(
				plane(20, 20, () => 200),
				{ width: size, height: size }
			);
			expect(data.every((value) => value === 200)).toBe(true);
		}
	});

	it('may be off by what rounding a side makes of it', () => {
		expect(
			fitPlane(
				plane(427, 240, () => 1),
				{ width: 854, height: 480 }
			).data
		).toHaveLength(854 * 480);
		expect(
			fitPlane(
				plane(960, 540, () => 1),
				{ width: 1280, height: 720 }
			).data
		).toHaveLength(1280 * 720);
		expect(
			fitPlane(
				plane(1024, 576, () => 1),
				{ width: 1920, height: 1088 }
			).data
		).toHaveLength(1920 * 1088);
	});

	it('is refused where its proportions are others', () => {
		expect(() =>
			fitPlane(
				plane(64, 48, () => 1),
				{ width: 128, height: 72 }
			)
		).toThrow(
			expect.objectContaining({
				code: 'mask-shape',
				params: { maskWidth: 64, maskHeight: 48, width: 128, height: 72 }
			})
		);
		// On its side.
		expect(() =>
			fitPlane(
				plane(72, 128, () => 1),
				{ width: 128, height: 72 }
			)
		).toThrow('mask-shape');
	});
});
