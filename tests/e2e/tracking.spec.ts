import type { Page } from '@playwright/test';
import { clickPoint, sampleScene, sampleSize } from '../scenes/index.ts';
import { clickPicture, expect, expectUploaded, listenForErrors, openPage, openSample, test } from './app.ts';

const target = clickPoint(sampleScene, sampleSize);
const lane = (page: Page, kind: 'fresh' | 'stale') => page.locator(`[data-lane=${kind}]`);
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** Opens the sample with a target on its first frame, and the first frames as the part to track. */
async function openMarked(page: Page, frames: number): Promise<void> {
	await openSample(page);
	for (let at = 1; at + 10 <= frames; at += 10) await page.keyboard.press('Shift+ArrowRight');
	await page.keyboard.press('o');
	await page.keyboard.press('Home');
	await clickPicture(page, target, sampleSize);
	await expect(button(page, /^Track frames 1 to/)).toBeEnabled();
}

test('a track whose page is closed in the middle is kept, and goes on from there; a corrected frame is tracked again', async ({
	page,
	context,
	server
}) => {
	await openPage(page, server);
	await openMarked(page, 21);
	await page.keyboard.press('k');
	await lane(page, 'fresh').waitFor();
	// What is tracked is written every half second.
	await page.waitForTimeout(1000);
	const address = page.url();
	await page.close();

	const again = await context.newPage();
	const errors = listenForErrors(again);
	await again.goto(address);
	await expect(again.getByText('Tracking stopped before its end.')).toBeVisible();
	await expect(again.getByText(/It goes on from frame \d+/)).toBeVisible();
	await button(again, 'Go on').click();
	await expect(again.getByText(/^Everything is tracked/)).toBeVisible();
	await expect(button(again, /^Target 1: marked on 1 frames, tracked on 21 of/)).toBeVisible();

	await again.keyboard.press('End');
	for (let i = 0; i < 8; i++) await again.keyboard.press('Shift+ArrowLeft');
	await clickPicture(again, { x: target.x + 20, y: target.y }, sampleSize);
	await expect(lane(again, 'stale')).toBeVisible();
	await button(again, 'Track again from frame 16').click();
	await expect(again.getByText(/^Everything is tracked/)).toBeVisible();
	await expect(lane(again, 'stale')).toHaveCount(0);
	expect(errors).toEqual([]);
});

test('the server tracks on while the page is closed, and its masks are found again', async ({
	page,
	server
}) => {
	await openPage(page, server);
	await openMarked(page, 11);
	await expectUploaded(page);
	await page.getByRole('radio', { name: 'Server' }).click();
	const asked = page.waitForResponse(
		(answer) => answer.request().method() === 'POST' && answer.status() === 201
	);
	await page.keyboard.press('k');
	await asked;
	await expect(page.getByText('It goes on when you close the page.')).toBeVisible();
	await page.reload();
	await expect(page.getByText(/^Everything is tracked/)).toBeVisible({ timeout: 60_000 });
	await expect(button(page, /^Target 1: marked on 1 frames, tracked on 11 of/)).toBeVisible();
});
