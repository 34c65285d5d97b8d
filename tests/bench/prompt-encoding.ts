import { mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { findModel } from '../../models/registry.ts';
import config from '../../playwright.config.ts';
import { clickPicture, startApp } from '../e2e/app.ts';
import { writeSceneClip } from '../e2e/clips.ts';
import { sampleScene } from '../scenes/index.ts';

/** Milliseconds that the page's thread may be busy at a time, so that nothing seems to stand. */
const most = 100;
const size = { width: 1280, height: 720 };
const patience = 600_000;

const help = `npm run bench:prompt -- encoding [options]
Measures in the built page (after npm run build) how long its own thread is busy at a time while SAM 3 looks at a frame in the segment worker
on WebAssembly.
  --weights FOLDER  a checkpoint that is there (default: a stand-in is made, of 3.4 GB, and removed at the end)
  --size N          the input's side in pixels: 1008, 672, 560 or 504 (default)
  --check           end with status 1 where the page's thread was busy for more than ${most} ms at a time`;

const options = {
	weights: { type: 'string' },
	size: { type: 'string', default: '504' },
	check: { type: 'boolean', default: false },
	help: { type: 'boolean', default: false }
} as const;

/** @param args what follows the benchmark's name on the command line */
export async function promptEncoding(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options });
	if (values.help) return console.log(help);
	const { server, stop } = await startApp();
	try {
		await bringWeights(join(server.workspace, 'weights'), values.weights);
		const clip = join(server.workspace, 'clip.mp4');
		await writeSceneClip(clip, sampleScene, size, 25);
		const browser = await chromium.launch(config.use?.launchOptions);
		try {
			// Keeping the page for use offline is not measured.
			const page = await browser.newPage({
				viewport: { width: 1440, height: 900 },
				serviceWorkers: 'block'
			});
			await page.addInitScript((size) => {
				localStorage.setItem('segmentation', JSON.stringify({ way: 'wasm', size }));
				const noted = new PerformanceObserver((list) => longTasks.push(...list.getEntries()));
				globalThis.longTasks = [];
				noted.observe({ type: 'longtask' });
			}, Number(values.size));
			await download(page, server.address);
			const { seconds, tasks } = await encode(page, server.address, clip);
			console.log(`a frame at ${values.size} pixels: ${seconds.toFixed(1)} s to the mask of its first click`);
			const longest = Math.max(0, ...tasks);
			console.log(
				`the page's thread: ${tasks.length} tasks over 50 ms, the longest ${longest.toFixed(0)} ms`
			);
			if (values.check && longest > most) process.exitCode = 1;
		} finally {
			await browser.close();
		}
	} finally {
		await stop();
	}
}

declare global {
	/** What kept the page's thread busy for more than 50 ms. */
	var longTasks: PerformanceEntry[];
}

async function bringWeights(root: string, weights: string | undefined): Promise<void> {
	const store = new ModelStore(root);
	const model = findModel('sam3')!;
	if (!weights) return void (await makeStandIn(store, model));
	await mkdir(root, { recursive: true });
	await symlink(resolve(weights), store.folder(model));
}

async function download(page: Page, address: string): Promise<void> {
	await page.goto(`${address}/models`);
	await page
		.locator('[data-browser-model=sam3]')
		.getByRole('button', { name: /^Download/ })
		.click();
	const licence = page.getByRole('dialog', { name: 'Licence of SAM 3' });
	await licence.getByRole('checkbox').click();
	await licence.getByRole('button', { name: /^Download/ }).click();
	await page.locator('[data-browser-model=sam3][data-state=kept]').waitFor({ timeout: patience });
}

/** Opens a clip and clicks. @returns how long the answer took, and milliseconds of what kept the page's thread busy meanwhile */
async function encode(
	page: Page,
	address: string,
	clip: string
): Promise<{ seconds: number; tasks: number[] }> {
	await page.goto(address);
	await page.locator('input[type=file]').first().setInputFiles(clip);
	await page.getByTestId('frame-counter').waitFor();
	await clickPicture(page, { x: 640, y: 400 }, size);
	const measured = () => performance.getEntriesByName('click-to-mask').length > 0;
	await page.waitForFunction(measured, undefined, { timeout: patience });
	return page.evaluate(() => {
		const click = performance.getEntriesByName('click-to-mask')[0]!;
		// Opening the clip is not what is measured.
		const tasks = longTasks.filter(({ startTime }) => startTime >= click.startTime);
		return { seconds: click.duration / 1000, tasks: tasks.map(({ duration }) => duration) };
	});
}
