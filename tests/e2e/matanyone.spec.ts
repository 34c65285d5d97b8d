import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { findModel } from '../../models/registry.ts';
import { clickPoint, scenes } from '../scenes/index.ts';
import { clickPicture, expect, expectUploaded, listenForErrors, openPage, testAlone as test } from './app.ts';
import { decodeFrames, writeSceneClip } from './clips.ts';

const [scene] = scenes;
const size = { width: 96, height: 64 };
const frames = 6;
const model = findModel('matanyone2')!;
let folder: string;
let clip: string;

test.beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-matanyone-'));
	clip = join(folder, 'small.mp4');
	await writeSceneClip(clip, scene!, size, frames);
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

test('MatAnyone 2: what it lacks, its options, a matte with stand-in weights, and a session without it', async ({
	page,
	server
}, info) => {
	const errors = listenForErrors(page);
	const store = new ModelStore(join(server.workspace, 'weights'));
	const engine = page.getByRole('radio', { name: /^MatAnyone 2 (?!, in)/ });
	const counter = page.getByTestId('frame-counter');

	await openPage(page, server);
	await page.locator('input[type=file]').setInputFiles(clip);
	await expect(counter).toHaveText(/1\s*\/\s*6/);
	await expect(engine).toBeDisabled();
	await expect(page.getByText('npm run models -- pull matanyone2')).toHaveCount(2);
	await expect(page.getByRole('link', { name: /Models page/ }).first()).toHaveAttribute('href', '/models');

	// They come while the page is open, as from a terminal.
	await makeStandIn(store, model);
	await page.evaluate(() => window.dispatchEvent(new Event('focus')));
	await expect(engine).toBeEnabled();
	await engine.click();
	await expect(page.getByText(/weights are stand-ins/)).toBeVisible();

	await page.getByText('Options', { exact: true }).click();
	await expect(page.getByRole('spinbutton', { name: 'Edge radius' })).toHaveCount(0);
	const warmup = page.getByRole('spinbutton', { name: 'Warm-up' });
	await page.getByRole('radio', { name: /^Low resolution/ }).click();
	await expect(warmup).toHaveValue('1');
	await expect(page.getByRole('spinbutton', { name: 'Dilate' })).toHaveValue('4');

	await expectUploaded(page);
	await clickPicture(page, clickPoint(scene!, size), size);
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await page.getByRole('button', { name: 'Matte', exact: true }).click();
	await expect(page.getByRole('progressbar', { name: 'Progress of the job' })).toBeVisible();

	const result = page.getByRole('region', { name: 'Result' });
	await expect(result).toBeVisible({ timeout: 120_000 });
	await expect(result.getByText(/what came of it means nothing/)).toBeVisible();
	await expect(result.getByText(/MatAnyone 2 · Server’s CPU · 32 bit · worked at 96×64/)).toBeVisible();
	await expect(page.getByText('Loading the result…')).toHaveCount(0);

	const download = page.waitForEvent('download');
	await result.getByRole('link', { name: /Download \S*alpha/ }).click();
	const alpha = info.outputPath('alpha.mp4');
	await (await download).saveAs(alpha);
	const source = await decodeFrames(clip);
	const matted = await decodeFrames(alpha);
	expect(matted.size).toEqual(size);
	expect(matted.times).toEqual(source.times);
	expect(matted.times).toHaveLength(frames);

	// What was chosen is kept, also when the engine is gone; nothing else takes its place unasked.
	await expect(result.getByText(/Kept in this browser/)).toBeVisible();
	await store.remove(model);
	await page.reload();
	await expect(counter).toHaveText(/1\s*\/\s*6/);
	await expect(page.getByText('MatAnyone 2 cannot run now')).toBeVisible();
	await expect(result.getByText(/what came of it means nothing/)).toBeVisible();
	await page.getByText('Options', { exact: true }).click();
	await expect(warmup).toHaveValue('1');
	await page.getByRole('button', { name: 'Use Classic' }).click();
	await expect(page.getByRole('radio', { name: 'Classic' })).toBeChecked();
	await expect(page.getByRole('button', { name: 'Matte again' })).toBeEnabled();
	expect(errors).toEqual([]);
});
