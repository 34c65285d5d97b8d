import { fileURLToPath } from 'node:url';
import { clickPoint, sampleScene, sampleSize } from '../scenes/index.ts';
import {
	clickPicture,
	expect,
	expectUploaded,
	listenForErrors,
	openClip,
	openPage,
	openSample,
	test,
	withServiceWorker
} from './app.ts';
import { comparedEvery, decodeFrames, differencesFromTruth, type Decoded } from './clips.ts';

// As users have it.
test.use(withServiceWorker);

const sampleFile = new URL('../../static/sample/sample.mp4', import.meta.url);

test('the whole job on the sample clip: upload, click, mask, matte, progress, preview, download', async ({
	page,
	server
}, info) => {
	test.setTimeout(300_000);
	const errors = listenForErrors(page);

	await openPage(page, server);
	await openSample(page);
	await expectUploaded(page);
	expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

	const matte = page.getByRole('button', { name: 'Matte', exact: true });
	await expect(matte).toBeDisabled();
	await clickPicture(page, clickPoint(sampleScene, sampleSize), sampleSize);
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await expect(matte).toBeEnabled();
	await matte.click();

	const progress = page.getByRole('progressbar', { name: 'Progress of the job' });
	await expect(progress).toBeVisible();
	await expect(page.getByText(/\d+ of 96 frames/)).toBeVisible();

	const result = page.getByRole('region', { name: 'Result' });
	await expect(result).toBeVisible({ timeout: 170_000 });
	for (const view of ['Alpha', 'Green', 'Checker', 'Source']) {
		await page.getByRole('radio', { name: view }).click();
	}
	await page.keyboard.press('w');
	await expect(page.getByRole('button', { name: /^Wipe/ })).toHaveAttribute('aria-pressed', 'true');

	const files: Record<string, string> = {};
	for (const kind of ['alpha', 'foreground', 'preview']) {
		const download = page.waitForEvent('download');
		await result.getByRole('link', { name: new RegExp(`Download \\S*${kind}`) }).click();
		files[kind] = info.outputPath(`${kind}.mp4`);
		const file = await download;
		expect(file.suggestedFilename()).toBe(`sample_${kind}.mp4`);
		await file.saveAs(files[kind]);
	}

	const source = await decodeFrames(fileURLToPath(sampleFile));
	const decoded: Record<string, Decoded> = {};
	for (const [kind, file] of Object.entries(files)) {
		const frames = await decodeFrames(file, kind === 'alpha' ? comparedEvery : 0);
		expect(frames.times, `timestamps of ${kind}`).toEqual(source.times);
		expect(frames.size).toEqual(sampleSize);
		expect(frames.audio, `audio of ${kind}`).toBe(true);
		decoded[kind] = frames;
	}
	const differences = differencesFromTruth(decoded.alpha!.frames);
	info.annotations.push({
		type: 'mean alpha difference',
		description: differences.map((d) => d.toFixed(4)).join(' ')
	});
	for (const difference of differences) expect(difference).toBeLessThan(0.02);
	expect(errors).toEqual([]);
});

test('a result that was made in another browser is fetched, not made again, and kept', async ({
	browser,
	server,
	clip
}) => {
	test.setTimeout(300_000);
	for (const known of [false, true]) {
		const context = await browser.newContext();
		const page = await context.newPage();
		await openPage(page, server);
		await openClip(page, clip);
		await expectUploaded(page);
		await clickPicture(page, clip.target, clip.size);
		await page.getByRole('button', { name: 'Matte', exact: true }).click();
		const result = page.getByRole('region', { name: 'Result' });
		await expect(result.getByText(/Kept in this browser/)).toBeVisible({ timeout: 170_000 });
		if (known) await expect(page.getByText(/has been matted before/)).toBeVisible();
		await context.close();
	}
});
