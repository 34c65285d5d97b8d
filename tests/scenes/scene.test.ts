import { describe, expect, it } from 'vitest';
import { sampleScene } from './sample.ts';
import { clickPoint, openScene } from './scene.ts';
import { scenes } from './index.ts';

const size = { width: 160, height: 90 };

describe.each([...scenes, sampleScene].map((scene) => [scene.id, scene] as const))('scene %s', (_, scene) => {
	const clip = openScene(scene, size);
	const first = clip.frame(0);

	it('is the foreground laid over the background by the alpha', () => {
		let worst = 0;
		for (let i = 0; i < first.composite.data.length; i++) {
			if (i % 4 === 3) continue;
			const a = first.alpha.data[i >> 2]! / 255;
			const expected = first.foreground.data[i]! * a + first.background.data[i]! * (1 - a);
			worst = Math.max(worst, Math.abs(first.composite.data[i]! - expected));
		}
		expect(worst).toBeLessThanOrEqual(0.5);
	});

	it('has solid, empty and partly covered pixels, and is opaque as a picture', () => {
		const share = (test: (a: number) => boolean) =>
			first.alpha.data.filter(test).length / first.alpha.data.length;
		expect(share((a) => a === 255)).toBeGreaterThan(0.02);
		expect(share((a) => a === 0)).toBeGreaterThan(0.3);
		expect(share((a) => a > 0 && a < 255)).toBeGreaterThan(0.005);
		for (let i = 3; i < first.composite.data.length; i += 4) {
			expect(first.composite.data[i]).toBe(255);
			expect(first.background.data[i]).toBe(255);
		}
	});

	it('gives the same bytes for the same frame, in any order, and moves', () => {
		const later = clip.frame(5);
		expect(later.alpha.data).not.toEqual(first.alpha.data);
		const again = openScene(scene, size).frame(5);
		expect(again.composite.data).toEqual(later.composite.data);
		expect(again.alpha.data).toEqual(later.alpha.data);
	});

	it('is clicked inside the target, at any shape of picture', () => {
		for (const other of [size, { width: 120, height: 90 }]) {
			const { x, y } = clickPoint(scene, other);
			const { alpha } = openScene(scene, other).frame(0);
			for (const [dx, dy] of [
				[0, 0],
				[-3, 0],
				[3, 0],
				[0, -3],
				[0, 3]
			] as const)
				expect(alpha.data[(y + dy) * other.width + x + dx]).toBe(255);
		}
	});
});
