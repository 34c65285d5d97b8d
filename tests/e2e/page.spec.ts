import type { Page } from '@playwright/test';
import { clickPoint, openScene, sampleFrames, sampleScene, sampleSize } from '../scenes/index.ts';
import {
	clickPicture,
	dragPicture,
	expect,
	expectFrame,
	listenForErrors,
	openPage,
	openSample,
	test
} from './app.ts';

const target = clickPoint(sampleScene, sampleSize);
const prompt = (page: Page, kind: 'point' | 'box') => page.locator(`[data-prompt=${kind}]`);

test('keys step through the clip, and language and theme change without losing anything', async ({
	page,
	server
}) => {
	const errors = listenForErrors(page);
	await openPage(page, server);
	await openSample(page);
	for (const [key, frame] of [
		['ArrowRight', 2],
		['Shift+ArrowRight', 12],
		['ArrowLeft', 11],
		['End', sampleFrames],
		['ArrowRight', sampleFrames],
		['Shift+ArrowLeft', sampleFrames - 10],
		['Home', 1],
		['ArrowRight', 2]
	] as const) {
		await page.keyboard.press(key);
		await expectFrame(page, frame);
	}
	await clickPicture(page, target, sampleSize);
	await expect(prompt(page, 'point')).toHaveCount(1);

	await page.getByRole('button', { name: '中文' }).click();
	await expect(page.locator('html')).toHaveAttribute('lang', 'zh');
	await expect(page.getByText('引擎', { exact: true }).first()).toBeVisible();
	await expectFrame(page, 2);
	await expect(prompt(page, 'point')).toHaveCount(1);
	await page.getByRole('button', { name: 'English' }).click();
	await expect(page.getByText('Engine', { exact: true }).first()).toBeVisible();

	const dark = await background(page);
	await page.getByRole('button', { name: 'Light theme' }).click();
	expect(await background(page)).not.toBe(dark);
	await page.getByRole('button', { name: 'Dark theme' }).click();
	expect(await background(page)).toBe(dark);

	await page.keyboard.press('?');
	const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
	await expect(sheet).toBeVisible();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('Escape');
	await expect(sheet).toBeHidden();
	await expectFrame(page, 2);
	expect(errors).toEqual([]);
});

test('clicks, right clicks and boxes change the mask, and each can be undone and redone', async ({
	page,
	server
}) => {
	const errors = listenForErrors(page);
	await openPage(page, server);
	await openSample(page);
	await expect(page.getByTestId('viewer')).toHaveAttribute('aria-busy', 'false');
	const bare = await picture(page);
	/** The share of the picture that the mask covers, once it is drawn. */
	const covered = async () => {
		await expect(page.getByTestId('viewer')).toHaveAttribute('aria-busy', 'false');
		return difference(page, bare, await picture(page));
	};
	const truth = share(openScene(sampleScene, sampleSize).frame(0).alpha.data);

	await clickPicture(page, target, sampleSize);
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await expect.poll(covered).toBeGreaterThan(truth / 2);
	const clicked = await covered();

	// The tail is said not to belong to the target.
	await clickPicture(page, { x: 330, y: 380 }, sampleSize, { button: 'right' });
	await expect(prompt(page, 'point')).toHaveCount(2);
	await expect.poll(covered).toBeLessThan(clicked * 0.95);

	await page.keyboard.press('Control+z');
	await expect(prompt(page, 'point')).toHaveCount(1);
	await expect.poll(covered).toBeCloseTo(clicked, 3);
	await page.keyboard.press('Control+Shift+z');
	await expect(prompt(page, 'point')).toHaveCount(2);
	await expect.poll(covered).toBeLessThan(clicked * 0.95);
	await page.keyboard.press('Control+z');
	await page.keyboard.press('Control+z');
	await expect(page.getByTestId('keyframe')).toHaveCount(0);
	await expect.poll(covered).toBe(0);

	await page.keyboard.press('b');
	await expect(page.getByRole('button', { name: /^Box/ })).toHaveAttribute('aria-pressed', 'true');
	await dragPicture(page, { x: 240, y: 60 }, { x: 660, y: 520 }, sampleSize);
	await expect(prompt(page, 'box')).toHaveCount(1);
	await expect.poll(covered).toBeGreaterThan(truth / 2);
	expect(errors).toEqual([]);
});

function background(page: Page): Promise<string> {
	return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

/** What the viewer shows, without the marks that lie over the picture, as a data URL. */
async function picture(page: Page): Promise<string> {
	await page.mouse.move(0, 0);
	const png = await page
		.getByTestId('viewer')
		.screenshot({ style: '[data-testid=viewer] > :not(:has(canvas)) { visibility: hidden !important }' });
	return `data:image/png;base64,${png.toString('base64')}`;
}

/** The share of the sample's picture, which fills the viewer but for a margin, that differs between two screenshots. */
function difference(page: Page, a: string, b: string): Promise<number> {
	return page.evaluate(
		async ({ urls, aspect }) => {
			const [one, other] = await Promise.all(
				urls.map(async (url) => {
					const bitmap = await createImageBitmap(await (await fetch(url)).blob());
					const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
					context.drawImage(bitmap, 0, 0);
					return context.getImageData(0, 0, bitmap.width, bitmap.height);
				})
			);
			let changed = 0;
			for (let i = 0; i < one!.data.length; i += 4) {
				const apart = [0, 1, 2].some((c) => Math.abs(one!.data[i + c]! - other!.data[i + c]!) > 8);
				if (apart) changed++;
			}
			const margin = 16;
			const [width, height] = [one!.width - 2 * margin, one!.height - 2 * margin];
			const shown = Math.min(width, height * aspect);
			return changed / (shown * (shown / aspect));
		},
		{ urls: [a, b], aspect: sampleSize.width / sampleSize.height }
	);
}

/** The share of a matte that belongs to the target. */
function share(alpha: Uint8Array | Uint8ClampedArray): number {
	let sum = 0;
	for (const value of alpha) sum += value;
	return sum / 255 / alpha.length;
}
