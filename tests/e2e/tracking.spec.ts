import type { Page } from '@playwright/test';
import { clickPoint, sampleScene, sampleSize } from '../scenes/index.ts';
import {
	clickPicture,
	expect,
	expectFrame,
	expectUploaded,
	listenForErrors,
	openPage,
	openSample,
	test
} from './app.ts';

const target = clickPoint(sampleScene, sampleSize);
const lane = (page: Page, kind: 'fresh' | 'stale') => page.locator(`[data-lane=${kind}]`);
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** Opens the sample with a target on its first frame. */
async function openMarked(page: Page): Promise<void> {
	await openSample(page);
	await clickPicture(page, target, sampleSize);
	await expect(page.getByRole('button', { name: 'Track', exact: true })).toBeEnabled();
}

/** Goes to a frame, counted from 1, with keys. */
async function goTo(page: Page, frame: number): Promise<void> {
	await page.keyboard.press('Home');
	for (let i = 0; i < Math.floor((frame - 1) / 10); i++) await page.keyboard.press('Shift+ArrowRight');
	for (let i = 0; i < (frame - 1) % 10; i++) await page.keyboard.press('ArrowRight');
	await expectFrame(page, frame);
}

/** On how many frames the browser keeps tracked masks. */
function storedFrames(page: Page): Promise<number> {
	return page.evaluate(
		() =>
			new Promise<number>((resolve, reject) => {
				const opening = indexedDB.open('splazmatte');
				opening.onerror = () => reject(opening.error);
				opening.onsuccess = () => {
					const database = opening.result;
					const counting = database.transaction('tracked').objectStore('tracked').count();
					counting.onerror = () => reject(counting.error);
					counting.onsuccess = () => resolve(counting.result);
					database.close();
				};
			})
	);
}

test('a track whose page is closed in the middle is kept, and goes on from there; a corrected frame is tracked again', async ({
	page,
	context,
	server
}) => {
	await openPage(page, server);
	await openMarked(page);
	await page.keyboard.press('k');
	await expect.poll(() => storedFrames(page), { intervals: [50] }).toBeGreaterThan(0);
	const address = page.url();
	await page.close();

	const again = await context.newPage();
	const errors = listenForErrors(again);
	await again.goto(address);
	await expect(again.getByText('Tracking stopped before its end.')).toBeVisible();
	const [, next] = /frame (\d+)/.exec(await again.getByText(/^It goes on from frame/).innerText())!;
	// The rest would take long: a few frames of it.
	const last = Number(next) + 3;
	await goTo(again, last);
	await again.keyboard.press('o');
	await button(again, 'Go on').click();
	await expect(again.getByText(/^Everything is tracked/)).toBeVisible();
	await expect(button(again, `Target 1: marked on 1 frames, tracked on ${last} of`)).toBeVisible();

	await goTo(again, last - 1);
	await clickPicture(again, { x: target.x + 20, y: target.y }, sampleSize);
	await expect(lane(again, 'stale')).toBeVisible();
	await button(again, `Track again from frame ${last - 1}`).click();
	await expect(again.getByText(/^Everything is tracked/)).toBeVisible();
	await expect(lane(again, 'stale')).toHaveCount(0);
	expect(errors).toEqual([]);
});

test('the server tracks on while the page is closed, and its masks are found again', async ({
	page,
	server
}) => {
	await openPage(page, server);
	await openMarked(page);
	await goTo(page, 4);
	await page.keyboard.press('o');
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
	await expect(button(page, /^Target 1: marked on 1 frames, tracked on 4 of/)).toBeVisible();
});
