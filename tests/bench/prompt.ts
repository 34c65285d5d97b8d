// Measures the time from a click to its drawn mask. `npm run bench:prompt`: with the classic segmenter at 1280x720 in the built page (after
// `npm run build`). `npm run bench:prompt -- sam3 --help`: with SAM 3 in a browser's worker. `npm run bench:prompt -- encoding --help`: what the page
// itself does meanwhile.
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import config from '../../playwright.config.ts';
import { clickPicture, openPage, startApp } from '../e2e/app.ts';
import { frameRate, openScene, sampleScene } from '../scenes/index.ts';
import { writeClip } from '../scenes/write-clip.ts';
import { quantiles } from './measure.ts';
import { promptEncoding } from './prompt-encoding.ts';
import { promptSam3 } from './prompt-sam3.ts';

const clicks = 20;
const size = { width: 1280, height: 720 };

const [what, ...args] = process.argv.slice(2);
if (what === 'sam3') await promptSam3(args);
else if (what === 'encoding') await promptEncoding(args);
else await promptClassic();

async function promptClassic(): Promise<void> {
	const { server, stop } = await startApp();
	const clip = join(server.workspace, 'clip.mp4');
	const { composite } = openScene(sampleScene, size).frame(0);
	await writeClip(clip, Array(frameRate).fill(composite), { frameRate, quality: 18, preset: 'veryfast' });
	const browser = await chromium.launch(config.use?.launchOptions);
	try {
		// Keeping the page for use offline is not measured.
		const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, serviceWorkers: 'block' });
		await openPage(page, server);
		await page.locator('input[type=file]').first().setInputFiles(clip);
		await page.getByTestId('frame-counter').waitFor();

		// The first click also pays for loading and is left out.
		const times: number[] = [];
		for (const point of pointsOnTarget(clicks + 1)) {
			await clickPicture(page, point, size);
			const measured = times.length;
			await page.waitForFunction((n) => performance.getEntriesByName('click-to-mask').length > n, measured);
			const entries = await page.evaluate(() =>
				performance.getEntriesByName('click-to-mask').map(({ duration }) => duration)
			);
			times.push(entries.at(-1)!);
			await page.keyboard.press('Control+z');
			await page.getByTestId('keyframe').waitFor({ state: 'detached' });
		}
		console.log(
			`click to drawn mask, ${clicks} clicks at ${size.width}x${size.height}: ${quantiles(times.slice(1))}`
		);
	} finally {
		await browser.close();
		await stop();
	}
}

/** Places spread over the inside of the sample's target on its first frame. */
function pointsOnTarget(count: number): { x: number; y: number }[] {
	const { data, width } = openScene(sampleScene, size).frame(0).alpha;
	const reach = 12;
	const inside: number[] = [];
	for (const pixel of data.keys()) {
		const around = [0, -reach, reach, -reach * width, reach * width];
		if (around.every((offset) => data[pixel + offset] === 255)) inside.push(pixel);
	}
	return Array.from({ length: count }, (_, i) => {
		const pixel = inside[Math.floor(((i + 0.5) / count) * inside.length)]!;
		return { x: pixel % width, y: Math.floor(pixel / width) };
	});
}
