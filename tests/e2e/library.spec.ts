import type { Page } from '@playwright/test';
import { clickPoint, sampleScene, sampleSize } from '../scenes/index.ts';
import { clickPicture, expect, expectFrame, listenForErrors, openPage, openSample, test } from './app.ts';

const rows = (page: Page) => page.locator('tbody tr');
const row = (page: Page, name: string) =>
	rows(page).filter({ has: page.getByRole('link', { name, exact: true }) });
const names = (page: Page) => rows(page).getByRole('link').allTextContents();

/** Opens the sample clip, marks it, and waits until this browser keeps all of it. */
async function markSample(page: Page): Promise<void> {
	await openSample(page);
	await clickPicture(page, clickPoint(sampleScene, sampleSize), sampleSize);
	await expect(page.getByTestId('keyframe')).toBeVisible();
}

async function openMenu(page: Page, name: string, item: string): Promise<void> {
	await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
	await page.getByRole('menuitem', { name: item }).click();
}

test('a session is listed as it is, and is found, named, copied, deleted, brought back and kept', async ({
	page,
	server
}) => {
	const errors = listenForErrors(page);
	await page.goto(`${server.address}/library`);
	await expect(page.getByText('No sessions yet')).toBeVisible();

	await openPage(page, server);
	await markSample(page);
	await page.getByRole('link', { name: 'Library' }).click();
	const sample = row(page, 'sample.mp4');
	await expect(sample).toContainText('Marked');
	await expect(sample).toContainText(`${sampleSize.width} × ${sampleSize.height}`);
	await expect(sample.getByTestId('thumbnail')).toBeVisible();
	await expect(sample).toContainText(/Clip\s*(only here|here and on the server)/);

	// A name is given with the keyboard alone; Escape gives it up.
	await page.getByRole('link', { name: 'sample.mp4' }).focus();
	await page.keyboard.press('F2');
	await page.keyboard.type('not this');
	await page.keyboard.press('Escape');
	await expect(page.getByRole('link', { name: 'sample.mp4' })).toBeFocused();
	await page.keyboard.press('F2');
	await page.keyboard.press('Control+a');
	await page.keyboard.type('Opening shot');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('link', { name: 'Opening shot' })).toBeFocused();

	await openMenu(page, 'Opening shot', 'Duplicate');
	await expect(row(page, 'Opening shot copy')).toContainText('Marked');
	await expect(row(page, 'Opening shot copy').getByTestId('thumbnail')).toBeVisible();
	await page.getByRole('button', { name: 'Name' }).click();
	expect(await names(page)).toEqual(['Opening shot', 'Opening shot copy']);

	await page.keyboard.press('/');
	await page.keyboard.type('COPY');
	await expect(rows(page)).toHaveCount(1);
	await page.keyboard.type(' of nothing');
	await expect(page.getByText(/^No session has/)).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(rows(page)).toHaveCount(2);

	// Deleting the copy is undone, deleting the original is not.
	await openMenu(page, 'Opening shot copy', 'Delete');
	await expect(rows(page)).toHaveCount(1);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(rows(page)).toHaveCount(2);
	await page.getByRole('link', { name: 'Opening shot', exact: true }).focus();
	await page.keyboard.press('Delete');
	await expect(rows(page)).toHaveCount(1);
	await expect(page.getByRole('link', { name: 'Opening shot copy' })).toBeFocused();
	await page.getByRole('button', { name: 'Close' }).click();
	await expect(page.getByRole('button', { name: 'Undo' })).toBeHidden();

	await page.reload();
	await expect(rows(page)).toHaveCount(1);
	await expect(row(page, 'Opening shot copy').getByTestId('thumbnail')).toBeVisible();
	await page.getByRole('link', { name: 'Opening shot copy' }).press('Enter');
	await expectFrame(page, 1);
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await page.goBack();
	await expect(rows(page)).toHaveCount(1);
	await page.goForward();
	await expectFrame(page, 1);

	await page.getByRole('link', { name: 'Start page' }).click();
	const card = page.getByRole('link', { name: /^Opening shot copy/ });
	await expect(card.getByTestId('thumbnail')).toBeVisible();
	await expect(card).toContainText('Marked');
	expect(errors).toEqual([]);
});

test('a session is exported with its clip, and importing its file opens it as a new one', async ({
	page,
	server
}, info) => {
	const errors = listenForErrors(page);
	await openPage(page, server);
	await markSample(page);
	await page.getByRole('link', { name: 'Library' }).click();

	await openMenu(page, 'sample.mp4', 'Export');
	await expect(page.getByRole('checkbox', { name: /^With the clip/ })).toBeChecked();
	const download = page.waitForEvent('download');
	await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
	const file = info.outputPath('sample.splazmatte');
	expect((await download).suggestedFilename()).toBe('sample.splazmatte');
	await (await download).saveAs(file);

	const chooser = page.waitForEvent('filechooser');
	await page.getByRole('button', { name: 'Import' }).click();
	await (await chooser).setFiles(file);
	await expectFrame(page, 1);
	await expect(page.getByTestId('keyframe')).toBeVisible();
	await page.getByRole('link', { name: 'Library' }).click();
	await expect(rows(page)).toHaveCount(2);
	expect(errors).toEqual([]);

	const foreign = { name: 'foreign.splazmatte', mimeType: '', buffer: Buffer.from('no session') };
	const again = page.waitForEvent('filechooser');
	await page.getByRole('button', { name: 'Import' }).click();
	await (await again).setFiles(foreign);
	await expect(page.getByRole('alert')).toContainText('not a SplazMatte session');
	await expect(rows(page)).toHaveCount(2);
});
