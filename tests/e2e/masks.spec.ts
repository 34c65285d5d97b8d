import { readFile } from 'node:fs/promises';
import type { Download, Page } from '@playwright/test';
import { makeZip } from 'client-zip';
import { unzipRaw } from 'unzipit';
import type { Plane } from '../../models/frame.ts';
import { encodeGreyPng } from '../../models/png.ts';
import { readMaskPng } from '../../models/mask-sequence/picture.ts';
import { openScene } from '../scenes/index.ts';
import { ball } from '../scenes/ball.ts';
import { expect, listenForErrors, openPage, test, withServiceWorker } from './app.ts';
import { writeSceneClip } from './clips.ts';

test.use(withServiceWorker);

const size = { width: 192, height: 108 };
const frames = 8;
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const shown = (page: Page) => page.getByTestId('frame-counter');

/** The alpha of a scene's frames, which is soft at the edge. */
function alphas(): Plane[] {
	const drawn = openScene(ball, size);
	return Array.from({ length: frames }, (_, index) => drawn.frame(index).alpha);
}

async function zipOf(planes: readonly Plane[], first: number): Promise<Buffer> {
	const pictures = planes.map(async (plane, i) => ({
		name: `shot/ball_${first + i}.png`,
		input: await encodeGreyPng(plane)
	}));
	return Buffer.from(await new Response(makeZip(await Promise.all(pictures))).arrayBuffer());
}

async function openMenu(page: Page, item: string): Promise<void> {
	await button(page, 'Import or export masks').click();
	await page.getByRole('menuitem', { name: item }).click();
}

async function choose(page: Page, name: string, buffer: Buffer): Promise<void> {
	await page.getByTestId('mask-files').setInputFiles({ name, mimeType: 'application/zip', buffer });
}

/** The masks of a zip, in order of their names. */
async function masksOf(download: Download) {
	const { entries } = await unzipRaw(new Blob([await readFile(await download.path())]));
	const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	const planes: Plane[] = [];
	for (const entry of sorted) planes.push((await readMaskPng(await entry.blob(''), entry.name)).brightness);
	return { names: sorted.map(({ name }) => name), planes };
}

/** On how many frames the browser keeps masks with soft edges, of a target that it knows. */
function keptEdges(page: Page): Promise<number> {
	return page.evaluate(
		() =>
			new Promise<number>((resolve, reject) => {
				const opening = indexedDB.open('splazmatte');
				opening.onerror = () => reject(opening.error);
				opening.onsuccess = () => {
					const reading = opening.result.transaction(['tracked', 'prompts']);
					const [prompts, tracked] = ['prompts', 'tracked'].map((name) => reading.objectStore(name).getAll());
					reading.onabort = () => reject(reading.error);
					reading.oncomplete = () => {
						const known = prompts!.result.flatMap(({ marks }) => marks).map(({ target }) => target);
						const masks = tracked!.result.flatMap(({ masks }) => masks);
						const kept = masks.filter(
							({ target, soft }) => known.includes(target) && soft?.packed instanceof Blob
						);
						resolve(kept.length);
					};
					opening.result.close();
				};
			})
	);
}

test('masks made elsewhere are imported, undone, kept, and exported without the server', async ({
	page,
	context,
	server
}, info) => {
	const errors = listenForErrors(page);
	const path = info.outputPath('ball.mp4');
	await writeSceneClip(path, ball, size, frames);
	await openPage(page, server);
	await page.locator('input[type=file]').first().setInputFiles(path);
	await expect(shown(page)).toHaveText(/1\s*\/\s*8/);
	// What is hidden in the panel does not make the page higher than the window, so that a jump would move its top out of sight.
	expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);

	// What does not fit is said before anything changes.
	await openMenu(page, 'Import masks…');
	await choose(
		page,
		'square.zip',
		await zipOf([{ width: 9, height: 9, data: new Uint8Array(81).fill(255) }], 0)
	);
	await expect(
		page.getByText(/7 of the clip’s 8 frames get no mask, the first of them frame 2/)
	).toBeVisible();
	await button(page, 'Import').click();
	await expect(page.getByText(/The masks are 9×9, the clip 192×108/)).toBeVisible();

	const planes = alphas();
	await choose(page, 'ball.zip', await zipOf(planes, 1001));
	await expect(page.getByTestId('masks-found')).toContainText('8 masks, 192×108');
	await expect(page.getByLabel('Keep soft edges')).toBeChecked();
	await button(page, 'Import').click();
	await expect(page.getByTestId('import-masks')).toBeHidden();
	await expect(page.locator('[data-lane=fresh]')).toHaveCount(1);

	// They are there when the page is opened again, and can be taken back before that.
	await page.keyboard.press('Control+z');
	await expect(page.locator('[data-lane=fresh]')).toHaveCount(0);
	await page.keyboard.press('Control+Shift+z');
	await expect(page.locator('[data-lane=fresh]')).toHaveCount(1);
	await expect.poll(() => keptEdges(page)).toBe(frames);
	await page.reload();
	await expect(page.locator('[data-lane=fresh]')).toHaveCount(1);

	await context.setOffline(true);
	await openMenu(page, 'Export masks…');
	await expect(page.getByText('8 pictures')).toBeVisible();
	const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Export').click()]);
	const { names, planes: written } = await masksOf(download);
	expect(download.suggestedFilename()).toBe('ball_masks.zip');
	expect(names).toEqual(planes.map((_, i) => `ball_masks/Target 1/00000${i}.png`));
	for (const [i, { data }] of planes.entries())
		expect(written[i]).toEqual({ ...size, data: data.map((value) => (value >= 128 ? 255 : 0)) });
	await context.setOffline(false);
	expect(errors).toEqual([]);
});
