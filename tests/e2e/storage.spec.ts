import type { Page } from '@playwright/test';
import { clickPoint, sampleScene, sampleSize } from '../scenes/index.ts';
import { clickPicture, expect, expectUploaded, openPage, openSample, test } from './app.ts';

async function mark(page: Page): Promise<void> {
	await clickPicture(page, clickPoint(sampleScene, sampleSize), sampleSize);
	await expect(page.getByTestId('keyframe')).toBeVisible();
}

test('of two tabs on one session one writes, and the other follows it or takes over', async ({
	page,
	context,
	server
}) => {
	await openPage(page, server);
	await openSample(page);
	// By then the session is saved, and can be opened elsewhere.
	await expectUploaded(page);
	const second = await context.newPage();
	await second.goto(page.url());
	const notice = /This session is open in another tab/;
	await expect(second.getByRole('alert').getByText(notice)).toBeVisible();
	await expect(page.getByText(notice)).toBeHidden();

	await mark(page);
	await expect(second.getByTestId('keyframe')).toBeVisible();

	await second.getByRole('button', { name: 'Work here instead' }).click();
	await expect(second.getByRole('alert').getByText(notice)).toBeHidden();
	await expect(page.getByRole('alert').getByText(notice)).toBeVisible();
	await clickPicture(second, { x: 40, y: 500 }, sampleSize, { button: 'right' });
	await expect(second.getByTestId('keyframe')).toBeVisible();
	await second.getByRole('button', { name: /^Clear this frame/ }).click();
	await expect(page.getByTestId('keyframe')).toBeHidden();
	await expect(second.getByText(notice)).toBeHidden();
	await second.close();

	// The writer has gone: the session is this tab's again, as that one left it.
	await expect(page.getByText(notice)).toBeHidden();
	await mark(page);
});

test('a browser without room says so, and loses nothing', async ({ page, server }) => {
	test.setTimeout(300_000);
	await openPage(page, server);
	const chromium = await page.context().newCDPSession(page);
	await openSample(page);
	await mark(page);
	// The clip is kept; what comes after finds no room.
	await expect
		.poll(() => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0))
		.toBeGreaterThan(500_000);
	const usage = await page.evaluate(async () => (await navigator.storage.estimate()).usage!);
	const quotaSize = usage + 50_000;
	await chromium.send('Storage.overrideQuotaForOrigin', { origin: server.address, quotaSize });
	await page.getByRole('button', { name: 'Matte', exact: true }).click();
	const result = page.getByRole('region', { name: 'Result' });
	await expect(result).toBeVisible({ timeout: 170_000 });
	await expect(page.getByRole('alert').getByText(/no room left/)).toBeVisible();
	await expect(result.getByText('On the server only.')).toBeVisible();

	await page.reload();
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await expect(result).toBeVisible();
});

test('data of a newer version are left alone, and the page works without them', async ({ page, server }) => {
	await page.goto(`${server.address}/favicon.svg`);
	await page.evaluate(
		() =>
			new Promise<void>((resolve, reject) => {
				const request = indexedDB.open('splazmatte', 99);
				request.onsuccess = () => {
					request.result.close();
					resolve();
				};
				request.onerror = () => reject(request.error!);
			})
	);
	await openPage(page, server);
	await expect(page.getByText(/newer version/).first()).toBeVisible();
	await openSample(page);
	await mark(page);
});

test('a browser that keeps nothing says so, and the page works', async ({ page, server }) => {
	await page.addInitScript(() => {
		const refuse = () => {
			throw new DOMException('refused', 'SecurityError');
		};
		IDBFactory.prototype.open = refuse;
		StorageManager.prototype.getDirectory = () =>
			Promise.reject(new DOMException('refused', 'SecurityError'));
	});
	await openPage(page, server);
	await openSample(page);
	await mark(page);
	await expect(
		page
			.getByRole('alert')
			.getByText(/keeps? no|refuse|does not keep|private/i)
			.first()
	).toBeVisible();
});
