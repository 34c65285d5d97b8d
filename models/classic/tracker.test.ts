import { beforeAll, describe, expect, it } from 'vitest';
import type { Frame, Mask } from '../frame.ts';
import type { Segmenter } from '../segmenter.ts';
import { binary, collect, disc, draw, grainy, noise, overlap, stream } from './drawing.fixture.ts';
import { createClassicSegmenter } from './segmenter.ts';

const size = { width: 321, height: 181 };
const count = 16;

/** A disc of two colours that moves to the right, and a post that stands in its way where `post` says so. */
function shot(index: number, post = false): { frame: Frame; mask: Mask } {
	const centreX = 70 + 9 * index;
	const { frame, alpha } = draw(
		size,
		grainy([90, 130, 60], 50),
		(x, y) => {
			const grain = 30 * (noise(x - 9 * index, y, 5) - 0.5);
			return y < 90 ? [210 + grain, 60 + grain, 50] : [60, 70 + grain, 190 + grain];
		},
		disc(centreX, 90, 28)
	);
	if (post) {
		for (let y = 0; y < size.height; y++) {
			for (let x = 150; x < 170; x++) {
				frame.data.set([235, 230, 220, 255], 4 * (y * size.width + x));
				alpha.data[y * size.width + x] = 0;
			}
		}
	}
	return { frame, mask: binary(alpha) };
}

describe('tracking', () => {
	let segmenter: Segmenter;
	beforeAll(async () => {
		segmenter = await createClassicSegmenter();
	});

	async function follow(shots: { frame: Frame; mask: Mask }[]): Promise<number[]> {
		const [seed, ...rest] = shots;
		const masks = await collect(segmenter.track(seed!, stream(rest.map(({ frame }) => frame))));
		expect(masks).toHaveLength(rest.length);
		return masks.map((mask, i) => overlap(mask, rest[i]!.mask));
	}

	it('holds a moving thing forward and backward', async () => {
		const shots = Array.from({ length: count }, (_, i) => shot(i));
		expect(Math.min(...(await follow(shots)))).toBeGreaterThan(0.9);
		expect(Math.min(...(await follow(shots.toReversed())))).toBeGreaterThan(0.9);
	});

	it('leaves out what passes in front of it, and has all of it again after', async () => {
		const overlaps = await follow(Array.from({ length: count }, (_, i) => shot(i, true)));
		expect(Math.min(...overlaps)).toBeGreaterThan(0.75);
		expect(overlaps.at(-1)).toBeGreaterThan(0.9);
	});

	it('gives an empty mask when the thing is gone, and finds it when it comes back', async () => {
		const gone = {
			frame: draw(size, grainy([90, 130, 60], 50), grainy([0, 0, 0]), () => 0).frame,
			mask: { ...shot(0).mask, data: new Uint8Array(321 * 181) }
		};
		const overlaps = await follow([shot(0), shot(1), gone, gone, gone, shot(3), shot(4), shot(5)]);
		expect(overlaps.slice(1, 4)).toEqual([1, 1, 1]);
		expect(overlaps.at(-1)).toBeGreaterThan(0.9);
	});

	it('refuses masks that are empty or of another size', async () => {
		const { frame } = shot(0);
		const empty = { width: 321, height: 181, data: new Uint8Array(321 * 181) };
		await expect(collect(segmenter.track({ frame, mask: empty }, stream([])))).rejects.toMatchObject({
			code: 'mask-empty'
		});
		const other = { width: 2, height: 2, data: new Uint8Array(4).fill(255) };
		await expect(collect(segmenter.track({ frame, mask: other }, stream([])))).rejects.toMatchObject({
			code: 'mask-size',
			params: { maskWidth: 2, maskHeight: 2, width: 321, height: 181 }
		});
	});

	it('stops when it is told to', async () => {
		const stop = new AbortController();
		const masks = segmenter.track(shot(0), stream([shot(1).frame, shot(2).frame]), stop.signal);
		await expect(
			(async () => {
				for await (const _ of masks) stop.abort();
			})()
		).rejects.toThrow(/abort/i);
	});
});
