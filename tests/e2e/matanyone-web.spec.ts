import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, TestInfo } from '@playwright/test';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { findModel } from '../../models/registry.ts';
import { routes } from '../../server/protocol/routes.ts';
import { clickPoint, scenes } from '../scenes/index.ts';
import {
	clickPicture,
	expect,
	expectOffline,
	expectUploaded,
	openPage,
	testAlone as test,
	withServiceWorker
} from './app.ts';
import { decodeFrames, meanDifference, writeSceneClip } from './clips.ts';

test.use(withServiceWorker);

const [scene] = scenes;
const size = { width: 96, height: 80 };
const frames = 4;
let folder: string;
let clip: string;

test.beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-matanyone-'));
	clip = join(folder, 'small.mp4');
	await writeSceneClip(clip, scene!, size, frames);
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

const here = (page: Page) => page.getByRole('radio', { name: /^MatAnyone 2, in this browser/ });
const onServer = (page: Page) => page.getByRole('radio', { name: /^MatAnyone 2 (?!, in)/ });
const result = (page: Page) => page.getByRole('region', { name: 'Result' });

/** Waits for the alpha that is shown, and decodes it. */
async function alpha(page: Page, info: TestInfo, name: string) {
	const downloading = page.waitForEvent('download');
	await result(page)
		.getByRole('link', { name: /Download \S*alpha/ })
		.click();
	const path = info.outputPath(`${name}.mp4`);
	await (await downloading).saveAs(path);
	return decodeFrames(path, 1);
}

test('MatAnyone 2 in this browser: the weights come once, the numbers are the server’s, and it works without it', async ({
	page,
	context,
	server
}, info) => {
	test.setTimeout(400_000);
	await makeStandIn(new ModelStore(join(server.workspace, 'weights')), findModel('matanyone2')!);
	const fetched: string[] = [];
	page.on('request', (request) => fetched.push(new URL(request.url()).pathname));

	await openPage(page, server);
	await expectOffline(page);
	await page.locator('input[type=file]').setInputFiles(clip);
	await expect(page.getByTestId('frame-counter')).toHaveText(/1\s*\/\s*4/);
	await onServer(page).click();
	await page.getByText('Options', { exact: true }).click();
	await page.getByRole('radio', { name: /^Low resolution/ }).click();
	await expectUploaded(page);
	await clickPicture(page, clickPoint(scene!, size), size);
	await page.getByRole('button', { name: 'Matte', exact: true }).click();
	await expect(result(page).getByText(/MatAnyone 2 · Server/)).toBeVisible({ timeout: 120_000 });
	const right = await alpha(page, info, 'server');

	await here(page).click();
	await page.getByRole('button', { name: 'Matte again' }).click();
	await expect(result(page).getByText(/MatAnyone 2, in this browser ·/)).toBeVisible({ timeout: 200_000 });
	await expect(result(page).getByText(/what came of it means nothing/)).toBeVisible();
	const made = await alpha(page, info, 'here');
	expect([made.times, made.size]).toEqual([right.times, size]);
	for (const [i, frame] of made.frames.entries()) {
		const data = right.frames[i]!.data.filter((_, at) => at % 4 === 0);
		// Besides the rounding of the weights: two encoders.
		expect(meanDifference(frame, { ...size, data: Uint8ClampedArray.from(data) })).toBeLessThan(0.01);
	}

	await expect(result(page).getByText(/Kept in this browser/)).toBeVisible();
	await context.setOffline(true);
	await server.stop();
	await page.reload();
	await expect(page.getByTestId('frame-counter')).toHaveText(/1\s*\/\s*4/);
	await page.getByText('Options', { exact: true }).click();
	await page.getByRole('spinbutton', { name: 'Feather' }).fill('2');
	await page.getByRole('button', { name: 'Matte again' }).click();
	await expect(page.getByRole('progressbar', { name: 'Progress of the job' })).toBeVisible();
	await expect(page.getByRole('progressbar', { name: 'Progress of the job' })).toHaveCount(0, {
		timeout: 200_000
	});
	await expect(result(page).getByText(/what came of it means nothing/)).toBeVisible();
	expect((await alpha(page, info, 'offline')).times).toHaveLength(frames);
	expect(fetched.filter((path) => path === routes.webWeights('matanyone2'))).toHaveLength(1);
});
