import { expect, it } from 'vitest';
import { noise } from './drawing.fixture.ts';
import { signedDistance } from './proxy.ts';

/** Length of the shortest way of straight and diagonal steps, as OpenCV counts them for `DIST_L2` with a mask of 3. */
function way(dx: number, dy: number): number {
	const [far, near] = [Math.max(Math.abs(dx), Math.abs(dy)), Math.min(Math.abs(dx), Math.abs(dy))];
	return 0.955 * (far - near) + 1.3693 * near;
}

it('measures how far each pixel is from the nearest one across the edge, also along the borders of a region', () => {
	const mask = { width: 31, height: 23, data: new Uint8Array(31 * 23) };
	for (let i = 0; i < mask.data.length; i++)
		mask.data[i] = noise(Math.floor((i % 31) / 7), Math.floor(i / 31 / 7), 6) > 0.55 ? 200 : 100;
	const region = { x: 3, y: 2, width: 26, height: 20 };
	const value = (x: number, y: number) => mask.data[(region.y + y) * mask.width + region.x + x]! >= 128;

	const distance = signedDistance(mask, 128, region);

	expect(new Set(mask.data)).toEqual(new Set([100, 200]));
	expect(distance).toHaveLength(region.width * region.height);
	for (let y = 0, i = 0; y < region.height; y++) {
		for (let x = 0; x < region.width; x++, i++) {
			let least = Infinity;
			for (let v = 0; v < region.height; v++)
				for (let u = 0; u < region.width; u++)
					if (value(u, v) !== value(x, y)) least = Math.min(least, way(u - x, v - y));
			expect(distance[i]).toBeCloseTo(value(x, y) ? least : -least, 2);
		}
	}
});
