import { expect, it } from 'vitest';
import { loadEngine } from '../../server/engines/load.ts';
import { scenes } from '../scenes/index.ts';
import { measureQuality } from './quality.ts';
import { average, qualityTable } from './report.ts';

it('mattes with at most 0.6 of the error of its masks, steadier than they are', async () => {
	const engine = await loadEngine('classic');
	const results = [];
	for (const scene of scenes)
		results.push(await measureQuality(scene, engine, { size: { width: 320, height: 180 }, frames: 12 }));
	console.log(qualityTable(results, 'given'));

	const given = average(results.map((result) => result.given));
	expect(given.matte.mad).toBeLessThanOrEqual(0.6 * given.masks.mad);
	expect(given.matte.dtssd).toBeLessThan(given.masks.dtssd);
	expect(given.colour.estimated).toBeLessThan(given.colour.raw);
});
