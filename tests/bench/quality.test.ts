import { expect, it } from 'vitest';
import { createClassicMatter } from '../../models/classic/index.ts';
import { scenes } from '../scenes/index.ts';
import { matteQuality, render, trueMasks } from './quality.ts';
import { average, qualityTable } from './report.ts';

it('mattes with at most 0.6 of the error of its masks, and more steadily than they are', async () => {
	const matter = await createClassicMatter();
	const results = [];
	for (const scene of scenes) {
		const truth = render(scene, { width: 320, height: 180 }, 12);
		results.push({ scene: scene.id, quality: await matteQuality(matter, truth, trueMasks(truth)) });
	}
	console.log(qualityTable(results));

	const { masks, matte, colour } = average(results.map(({ quality }) => quality));
	expect(matte.mad).toBeLessThanOrEqual(0.6 * masks.mad);
	expect(matte.dtssd).toBeLessThan(masks.dtssd);
	expect(colour.estimated).toBeLessThan(colour.raw);
}, 240_000);
