import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { clickPoint, sampleFrames, sampleScene, sampleSize } from '../scenes/index.ts';
import {
	clickPicture,
	expect,
	expectFrame,
	expectOffline,
	expectUploaded,
	openPage,
	openSample,
	startApp,
	test as base,
	withServiceWorker,
	type AppServer
} from './app.ts';
import { comparedEvery, decodeFrames, differencesFromTruth } from './clips.ts';

/** A browser whose profile lives on when it is closed, and a server of its own to be stopped. */
const test = base.extend<{ app: AppServer; openBrowser: () => Promise<BrowserContext> }>({
	// eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are needed from the pattern
	app: async ({}, use) => {
		const { server, stop } = await startApp();
		await use(server);
		await stop();
	},
	openBrowser: async ({ launchOptions }, use) => {
		const profile = await mkdtemp(join(tmpdir(), 'splazmatte-profile-'));
		const opened: BrowserContext[] = [];
		await use(async () => {
			const viewport = { width: 1440, height: 900 };
			const options = { ...launchOptions, ...withServiceWorker, viewport };
			const context = await chromium.launchPersistentContext(profile, options);
			opened.push(context);
			return context;
		});
		for (const context of opened) await context.close();
		await rm(profile, { recursive: true, force: true });
	}
});

const result = (page: Page) => page.getByRole('region', { name: 'Result' });

async function download(page: Page, kind: string, path: string): Promise<Buffer> {
	const downloading = page.waitForEvent('download');
	await result(page)
		.getByRole('link', { name: new RegExp(`Download \\S*${kind}`) })
		.click();
	await (await downloading).saveAs(path);
	return readFile(path);
}

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('a result is there again in a new browser without server and network', async ({
	app,
	openBrowser
}, info) => {
	test.setTimeout(300_000);
	const first = await openBrowser();
	const page = await first.newPage();
	await openPage(page, app);
	await expectOffline(page);
	await openSample(page);
	await expectUploaded(page);
	await clickPicture(page, clickPoint(sampleScene, sampleSize), sampleSize);
	await page.getByRole('button', { name: 'Matte', exact: true }).click();
	await expect(result(page)).toBeVisible({ timeout: 170_000 });
	const before = await download(page, 'alpha', info.outputPath('before.mp4'));
	await expect(result(page).getByText(/Kept in this browser/)).toBeVisible();
	const address = page.url();
	await first.close();
	await app.stop();

	const second = await openBrowser();
	await second.setOffline(true);
	const again = await second.newPage();
	await again.goto(address);
	await expectFrame(again, 1);
	await expect(again.getByTestId('keyframe')).toBeVisible();
	expect(await again.evaluate(() => crossOriginIsolated)).toBe(true);
	await result(again).getByRole('button', { name: 'Show' }).click();
	await again.getByRole('radio', { name: 'Alpha' }).click();
	await again.getByRole('button', { name: /^Play/ }).click();
	await expectFrame(again, sampleFrames);
	expect(hash(await download(again, 'alpha', info.outputPath('after.mp4')))).toBe(hash(before));
});

test('the sample clip is marked and matted wholly offline', async ({ app, openBrowser }, info) => {
	test.setTimeout(400_000);
	const context = await openBrowser();
	const page = await context.newPage();
	await openPage(page, app);
	await expectOffline(page);
	await app.stop();
	await context.setOffline(true);
	await page.reload();

	await openSample(page);
	await clickPicture(page, clickPoint(sampleScene, sampleSize), sampleSize);
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await page.getByRole('button', { name: 'Matte in this browser' }).click();
	await expect(page.getByText(/Computed in this browser/)).toBeVisible();
	await expect(result(page)).toBeVisible({ timeout: 300_000 });

	const path = info.outputPath('alpha.mp4');
	await download(page, 'alpha', path);
	const source = await decodeFrames('static/sample/sample.mp4');
	const alpha = await decodeFrames(path, comparedEvery);
	expect(alpha.times).toEqual(source.times);
	for (const difference of differencesFromTruth(alpha.frames)) expect(difference).toBeLessThan(0.02);
});
