import { beforeAll, describe, expect, it } from 'vitest';
import type { Segmenter, Prompt } from '../segmenter.ts';
import { binary, disc, draw, grainy, noise, overlap } from './drawing.fixture.ts';
import { loadOpenCv } from './opencv.ts';
import { createClassicSegmenter } from './segmenter.ts';

const size = { width: 641, height: 359 };
const grass = grainy([90, 130, 60], 40);
/** A figure of three colours: head, body, legs. */
const figure = draw(
	size,
	grass,
	(x, y) => {
		const grain = 10 * (noise(x, y, 3) - 0.5);
		if (y < 110) return [190 + grain, 140 + grain, 110];
		return y < 200 ? [200 + grain, 40, 40 + grain] : [30, 40 + grain, 90 + grain];
	},
	(x, y) => {
		const u = Math.abs(x - 300);
		if (y < 60 || y > 300) return 0;
		if (y < 110) return u < 22 ? 1 : 0;
		return u < (y < 200 ? 45 : 35) ? 1 : 0;
	}
);
const truth = binary(figure.alpha);

describe('the classic segmenter', () => {
	let segmenter: Segmenter;
	beforeAll(async () => {
		segmenter = await createClassicSegmenter();
	});

	async function ask(prompts: Prompt[], frame = figure.frame) {
		const encoded = await segmenter.encode(frame);
		try {
			return (await encoded.segment(prompts))[0]!;
		} finally {
			encoded.dispose();
		}
	}

	it('finds a whole figure of several colours from one click', async () => {
		const { mask, score } = await ask([{ kind: 'point', x: 300, y: 150, positive: true }]);
		expect(mask).toMatchObject(size);
		expect(overlap(mask, truth)).toBeGreaterThan(0.9);
		expect(score).toBeGreaterThan(0.5);
		expect(score).toBeLessThanOrEqual(1);
	});

	it('finds it from a box, and from strokes', async () => {
		const box = await ask([{ kind: 'box', x: 245, y: 50, width: 110, height: 260 }]);
		expect(overlap(box.mask, truth)).toBeGreaterThan(0.9);
		const path = [
			[300, 80],
			[300, 280]
		] as const;
		const stroke = await ask([{ kind: 'stroke', points: path, radius: 6, positive: true }]);
		expect(overlap(stroke.mask, truth)).toBeGreaterThan(0.9);
	});

	it('cuts out what a negative click names', async () => {
		const { mask } = await ask([
			{ kind: 'point', x: 300, y: 150, positive: true },
			{ kind: 'point', x: 300, y: 250, positive: false }
		]);
		const at = (x: number, y: number) => mask.data[y * size.width + x];
		expect(at(300, 150)).toBe(255);
		expect(at(300, 250)).toBe(0);
		expect(at(280, 280)).toBe(0);
	});

	it('takes a part away that a negative click names, though it has the colour of the rest', async () => {
		const inDisc = (x: number, y: number, cx: number) => Math.hypot(x - cx, y - 180) < 70;
		const paired = draw(
			size,
			grass,
			(x, y) => [200 + 10 * (noise(x, y, 3) - 0.5), 40, 40],
			(x, y) =>
				Number(inDisc(x, y, 200) || inDisc(x, y, 380) || (Math.abs(y - 180) < 12 && x > 200 && x < 380))
		);
		const share = ({ data }: { data: ArrayLike<number> }, cx: number) => {
			let [inside, area] = [0, 0];
			for (let i = 0; i < data.length; i++) {
				if (!inDisc(i % size.width, Math.floor(i / size.width), cx)) continue;
				area++;
				inside += Number(data[i]! >= 128);
			}
			return inside / area;
		};
		const one: Prompt = { kind: 'point', x: 200, y: 180, positive: true };
		const both = await ask([one], paired.frame);
		expect(share(both.mask, 380)).toBeGreaterThan(0.9);
		const left = await ask([one, { kind: 'point', x: 380, y: 180, positive: false }], paired.frame);
		expect(share(left.mask, 200)).toBeGreaterThan(0.9);
		expect(share(left.mask, 380)).toBeLessThan(0.3);
	});

	it('finds a small thing, and one at the border', async () => {
		const small = draw(size, grass, grainy([40, 60, 200]), disc(500, 100, 9));
		const found = await ask([{ kind: 'point', x: 500, y: 100, positive: true }], small.frame);
		expect(overlap(found.mask, binary(small.alpha))).toBeGreaterThan(0.8);
		const cut = draw(size, grass, grainy([40, 60, 200]), disc(640, 180, 60));
		const part = await ask([{ kind: 'point', x: 620, y: 180, positive: true }], cut.frame);
		expect(overlap(part.mask, binary(cut.alpha))).toBeGreaterThan(0.9);
	});

	it('needs a prompt that says where the target is', async () => {
		const encoded = await segmenter.encode(figure.frame);
		await expect(encoded.segment([])).rejects.toMatchObject({ code: 'prompt-empty' });
		await expect(encoded.segment([{ kind: 'point', x: 9, y: 9, positive: false }])).rejects.toMatchObject({
			code: 'prompt-empty'
		});
		encoded.dispose();
	});

	it('stops when it is told to', async () => {
		const encoded = await segmenter.encode(figure.frame);
		const prompts: Prompt[] = [{ kind: 'point', x: 300, y: 150, positive: true }];
		await expect(encoded.segment(prompts, AbortSignal.abort())).rejects.toThrow(/abort/i);
		encoded.dispose();
	});

	it('frees all that it takes from the heap of OpenCV', async () => {
		const cv = await loadOpenCv();
		const prompts: Prompt[] = [{ kind: 'box', x: 4, y: 4, width: 32, height: 22 }];
		const { frame } = draw({ width: 40, height: 30 }, grass, grainy([40, 60, 200]), disc(20, 15, 8));
		// The allocator hands out the lowest place that is large enough.
		const lowest = () => {
			const probe = new cv.Mat(1000, 1000, cv.CV_8UC4);
			const place = probe.data.byteOffset;
			probe.delete();
			return place;
		};
		await ask(prompts, frame);
		const before = [lowest(), cv.HEAPU8.length];
		for (let i = 0; i < 200; i++) await ask(prompts, frame);
		expect([lowest(), cv.HEAPU8.length]).toEqual(before);
	});
});
