// Measures how fast a kept session of 10 s at 1280x720 opens, from the click in the library to its first frame with its mask:
// `npm run bench:reopen` after `npm run build`.
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import config from '../../playwright.config.ts';
import { clickPicture, openPage, startApp } from '../e2e/app.ts';
import { clickPoint, frameRate, openScene, sampleScene } from '../scenes/index.ts';
import { writeClip } from '../scenes/write-clip.ts';

const times = 15;
const size = { width: 1280, height: 720 };
const seconds = 10;

const { server, stop } = await startApp();
const clip = join(server.workspace, 'clip.mp4');
const pictures = [0, 12, 24, 36].map((index) => openScene(sampleScene, size).frame(index).composite);
const frames = Array.from({ length: seconds * frameRate }, (_, i) => pictures[Math.floor(i / 12) % 4]!);
await writeClip(clip, frames, { frameRate, quality: 18, preset: 'veryfast' });
const browser = await chromium.launch(config.use?.launchOptions);
try {
	// Keeping the page for use offline is not measured.
	const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, serviceWorkers: 'block' });
	await openPage(page, server);
	await page.locator('input[type=file]').first().setInputFiles(clip);
	await page.getByTestId('frame-counter').waitFor();
	await clickPicture(page, clickPoint(sampleScene, size), size);
	await page.waitForFunction(() => performance.getEntriesByName('mask-drawn').length > 0);

	const measured: number[] = [];
	for (let i = 0; i < times; i++) {
		await page.getByRole('link', { name: 'Library' }).click();
		const card = page.getByRole('link', { name: /clip\.mp4/ }).first();
		await card.waitFor();
		await page.evaluate(() => {
			performance.clearMarks();
			addEventListener('click', ({ timeStamp }) => performance.mark('opened', { startTime: timeStamp }), {
				capture: true,
				once: true
			});
		});
		await card.click();
		await page.waitForFunction(() => performance.getEntriesByName('mask-drawn').length > 0);
		measured.push(await page.evaluate(() => performance.measure('reopen', 'opened', 'mask-drawn').duration));
	}
	const sorted = measured.sort((a, b) => a - b);
	const quantile = (q: number) => sorted[Math.min(times - 1, Math.floor(q * times))]!;
	console.log(
		`reopening ${seconds} s at ${size.width}x${size.height}, ${times} times: ` +
			`median ${quantile(0.5).toFixed(0)} ms, 95 % within ${quantile(0.95).toFixed(0)} ms`
	);
} finally {
	await browser.close();
	await stop();
}
