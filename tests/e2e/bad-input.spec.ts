import { copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { makeClip } from '../../server/media/fixtures.ts';
import { routes } from '../../server/protocol/routes.ts';
import { clickPicture, expect, expectUploaded, openClip, openPage, startApp, test } from './app.ts';
import { writeSmallClip } from './clips.ts';

const sample = fileURLToPath(new URL('../../static/sample/sample.mp4', import.meta.url));
let folder: string;

test.beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-bad-'));
	await writeFile(join(folder, 'text.mp4'), 'This is a text, whatever its name says.\n'.repeat(100));
	await writeFile(join(folder, 'list.mp4'), '#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n');
	await writeFile(
		join(folder, 'drawing.mp4'),
		'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
	);
	await makeClip(folder, 'sound.mp4', { video: false, audio: { seconds: 1, click: 0.5 } });
	await copyFile(sample, join(folder, 'cut.mp4'));
	await truncate(join(folder, 'cut.mp4'), 200_000);
	await makeClip(folder, 'long.mp4', { width: 64, height: 48, times: [0, 69_000, 70_000], timescale: 1000 });
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

async function choose(page: Page, file: string): Promise<void> {
	await page.locator('input[type=file]').setInputFiles(file);
}

for (const [name, words] of [
	['text.mp4', /text\.mp4 is not a video that can be read/],
	['list.mp4', /list\.mp4 is not a video that can be read/],
	['drawing.mp4', /drawing\.mp4 is not a video that can be read/],
	['sound.mp4', /no picture, only sound/],
	['cut.mp4', /The clip is damaged/],
	['long.mp4', /The clip is 7\d s long, the limit is 60 s/]
] as const) {
	test(`${name} is refused with the reason and what to do`, async ({ page, server }) => {
		await openPage(page, server);
		await choose(page, join(folder, name));
		await expect(page.getByText(words).first()).toBeVisible();
		await expect(page.getByText(/\bat .*\.js:\d+/)).toHaveCount(0);
		expect(await (await page.request.get(server.address + routes.jobs)).json()).toEqual([]);
	});
}

test('the reason is told in Chinese to who reads Chinese', async ({ browser, server }) => {
	const page = await browser.newPage({ locale: 'zh-CN' });
	await page.goto(server.address);
	await choose(page, join(folder, 'text.mp4'));
	await expect(page.getByText(/text\.mp4.*视频/).first()).toBeVisible();
	await expect(page.locator('html')).toHaveAttribute('lang', /^zh/);
	await page.close();
});

/** Whether the page asks before it is closed: it does while the clip is not yet kept in the browser. */
function asksBeforeClosing(): boolean {
	return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

test('an upload whose tab was closed goes on by itself when the session is opened again', async ({
	browser
}) => {
	// Small chunks, so that the tab is closed in the middle of the upload.
	const { server, stop } = await startApp({ SPLAZMATTE_CHUNK_BYTES: '65536' });
	const context = await browser.newContext({ locale: 'en' });
	try {
		const first = await context.newPage();
		let chunks = 0;
		await first.route(`**${routes.uploads}/**`, async (route) => {
			if (route.request().method() === 'PATCH' && ++chunks > 3) return route.abort();
			await route.continue();
		});
		await openPage(first, server);
		await choose(first, sample);
		await expect.poll(() => chunks).toBeGreaterThan(3);
		await expect.poll(() => first.evaluate(asksBeforeClosing)).toBe(false);
		const address = first.url();
		await first.close();

		const second = await context.newPage();
		const offsets: number[] = [];
		second.on('request', (request) => {
			if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
		});
		await second.goto(address);
		await expectUploaded(second);
		// A chunk that was on its way when the tab was closed may have arrived.
		expect(offsets[0]).toBeGreaterThanOrEqual(3 * 65536);
	} finally {
		await context.close();
		await stop();
	}
});

test('a server that dies in the middle of a job: nothing is lost, and the job can be run again', async ({
	page
}) => {
	test.setTimeout(300_000);
	// Long enough to be cut off in the middle.
	const clip = await writeSmallClip(join(folder, 'longer.mp4'), { width: 640, height: 360 }, 48);
	const { server, stop } = await startApp();
	try {
		await openPage(page, server);
		await openClip(page, clip);
		await expectUploaded(page);
		await clickPicture(page, clip.target, clip.size);
		await page.getByRole('button', { name: 'Matte', exact: true }).click();
		// Looked for whenever the page is drawn: the job is soon done.
		await page.waitForFunction(() => /[1-9]\d* of 48 frames/.test(document.body.innerText));
		await server.stop('SIGKILL');
		await expect(page.getByText(/The server does not answer. You can go on/)).toBeVisible();
		await server.start();
		await expect(page.getByText(/The server stopped while this job ran/)).toBeVisible({ timeout: 60_000 });
		await page.getByRole('button', { name: 'Run again' }).click();
		await expect(page.getByRole('region', { name: 'Result' })).toBeVisible({ timeout: 170_000 });
	} finally {
		await stop();
	}
});

test('marks survive a reload', async ({ page, server, clip }) => {
	await openPage(page, server);
	await openClip(page, clip);
	await clickPicture(page, clip.target, clip.size);
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Matte', exact: true })).toBeEnabled();
	await page.reload();
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Matte', exact: true })).toBeEnabled();
});
