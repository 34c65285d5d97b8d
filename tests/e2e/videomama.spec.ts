import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSmallVideoMaMa } from '../../models/videomama/small-checkpoint.fixture.node.ts';
import type { Job } from '../../server/protocol/schema.ts';
import { routes } from '../../server/protocol/routes.ts';
import { clickPoint, scenes } from '../scenes/index.ts';
import { test } from '@playwright/test';
import { clickPicture, expect, expectUploaded, listenForErrors, openPage, startApp } from './app.ts';
import { decodeFrames, writeSceneClip } from './clips.ts';

const [scene] = scenes;
const size = { width: 96, height: 64 };
const frames = 16;
/** Enough for the full-size networks, by whose size the need of memory is reckoned. */
const settings = { SPLAZMATTE_MEMORY_BUDGET: String(32 * 2 ** 30) };
let folder: string;
let clip: string;
let app: Awaited<ReturnType<typeof startApp>>;

test.beforeAll(async () => {
	app = await startApp(settings);
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-videomama-'));
	clip = join(folder, 'small.mp4');
	await writeSceneClip(clip, scene!, size, frames);
});
test.afterAll(async () => {
	await app.stop();
	await rm(folder, { recursive: true, force: true });
});

test('VideoMaMa: tracked and matted by windows, its engine killed in the middle, gone on, and compared with another result', async ({
	page
}, info) => {
	test.setTimeout(300_000);
	const { server } = app;
	const errors = listenForErrors(page);
	await writeSmallVideoMaMa(join(server.workspace, 'weights', 'videomama'));
	await openPage(page, server);
	await page.locator('input[type=file]').setInputFiles(clip);
	await page.getByRole('radio', { name: /^VideoMaMa/ }).click();
	await expect(page.getByText(/followed through the whole clip first/)).toBeVisible();

	await page.getByText('Options', { exact: true }).click();
	await expect(page.getByRole('radio', { name: /^12\b/ })).toBeChecked();
	for (const [name, value] of [
		['Working size', 128],
		['Window', 4],
		['Overlap', 1]
	] as const) {
		await page.getByRole('spinbutton', { name }).fill(String(value));
		await page.getByRole('spinbutton', { name }).press('Enter');
	}
	await expect(page.getByText('The network works at 128×64.')).toBeVisible();

	await expectUploaded(page);
	await clickPicture(page, clickPoint(scene!, size), size);
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await expect(page.getByText(/of memory$/)).toBeVisible();
	await page.getByRole('button', { name: 'Matte', exact: true }).click();

	await expect.poll(() => hasCheckpoint(server.workspace), { intervals: [20], timeout: 120_000 }).toBe(true);
	process.kill(await engineOf(server.workspace), 'SIGKILL');
	await expect(page.getByText('The job failed')).toBeVisible();
	const kept = page.getByText(/^\d+ frames are done and kept: it goes on from frame \d+\.$/);
	await expect(kept).toBeVisible();
	const [done, next] = (await kept.innerText()).match(/\d+/g)!.map(Number) as [number, number];
	expect(next).toBe(done + 1);
	expect(done).toBeGreaterThan(0);

	await page.getByRole('button', { name: 'Go on' }).click();
	await expect(page.getByText(/^Window \d of 5 · (encoding|denoising|decoding)$/)).toBeVisible();
	const result = page.getByRole('region', { name: 'Result' });
	await expect(result.getByText(/Kept in this browser/)).toBeVisible({ timeout: 120_000 });
	await expect(result.getByText(/VideoMaMa · Server’s CPU · 32 bit · worked at 128×64/)).toBeVisible();
	const jobs = (await (await page.request.get(server.address + routes.jobs)).json()) as Job[];
	expect(jobs[0]?.record).toMatchObject({ engine: 'videomama', frames, keptFrames: done });

	const download = page.waitForEvent('download');
	await result.getByRole('link', { name: /Download \S*alpha/ }).click();
	const alpha = info.outputPath('alpha.mp4');
	await (await download).saveAs(alpha);
	expect((await decodeFrames(alpha)).times).toEqual((await decodeFrames(clip)).times);

	await page.getByRole('radio', { name: 'Classic' }).click();
	await page.getByRole('button', { name: 'Matte again' }).click();
	const compare = page.getByRole('button', { name: 'Compare with another result' });
	await expect(compare).toBeEnabled();
	await expect(page.getByText('Loading the result…')).toHaveCount(0);
	await page.keyboard.press('c');
	const names = page.getByTestId('compared');
	await expect(names).toHaveText(/^\s*VideoMaMa · 128×64 · \S.*Classic · /);
	const line = page.getByRole('slider', { name: 'Wipe between the two results' });
	await line.press('End');
	await expect(line).toHaveAttribute('aria-valuenow', '100');
	await page.keyboard.press('w');
	await expect(line).toHaveCount(0);
	await expect(page.getByRole('button', { name: /^Side by side/ })).toHaveAttribute('aria-pressed', 'true');
	await page.getByRole('button', { name: '中文' }).click();
	await expect(page.getByRole('button', { name: '与另一结果对比' })).toHaveAttribute('aria-pressed', 'true');
	await page.keyboard.press('Escape');
	await expect(names).toHaveCount(0);
	expect(errors).toEqual([]);
});

/** Whether a job has kept what it needs to go on behind its first window. */
async function hasCheckpoint(workspace: string): Promise<boolean> {
	const sessions = join(workspace, 'sessions');
	const kept = await Promise.all(
		(await readdir(sessions)).map((id) => readdir(join(sessions, id, 'unfinished')).catch(() => []))
	);
	return kept.flat().some((name) => name.endsWith('.checkpoint'));
}

/** The process of this workspace's server in which VideoMaMa runs. */
async function engineOf(workspace: string): Promise<number> {
	for (const pid of await readdir('/proc')) {
		if (!/^\d+$/.test(pid)) continue;
		const [command, environment] = await Promise.all(
			['cmdline', 'environ'].map((file) => readFile(join('/proc', pid, file), 'utf8').catch(() => ''))
		);
		const ours = environment!.split('\0').includes(`SPLAZMATTE_WORKSPACE=${workspace}`);
		if (ours && /engines\/host\.ts\0matte videomama/.test(command!)) return Number(pid);
	}
	throw new Error('no engine runs');
}
