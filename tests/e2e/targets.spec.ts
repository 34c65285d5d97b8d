import type { Page } from '@playwright/test';
import { clickPoint, sampleScene, sampleSize } from '../scenes/index.ts';
import { clickPicture, expect, listenForErrors, openPage, openSample, test } from './app.ts';

const target = clickPoint(sampleScene, sampleSize);
const sky = { x: sampleSize.width - 80, y: 60 };

const row = (page: Page, name: string) =>
	page.getByRole('listitem').filter({ has: page.getByRole('button', { name, exact: true }) });
const inMatte = (page: Page, name: string) => row(page, name).getByRole('checkbox');
const badge = (page: Page, number: number) => page.locator(`[data-badge="${number}"]`);

test('several targets are marked, picked, named, removed and brought back', async ({ page, server }) => {
	const errors = listenForErrors(page);
	await openPage(page, server);
	await openSample(page);
	await clickPicture(page, target, sampleSize);
	await expect(row(page, 'Target 1')).toContainText(/\d+\s?%/);
	await expect(badge(page, 1)).toBeHidden();

	// A second one: it has prompts, a mask and a badge of its own.
	await page.keyboard.press('t');
	await expect(row(page, 'Target 2')).toContainText('not on this frame');
	await expect(page.locator('[data-prompt=point]')).toHaveCount(0);
	await clickPicture(page, sky, sampleSize);
	await expect(badge(page, 1)).toBeVisible();
	await expect(badge(page, 2)).toBeVisible();

	// Picking drops what is clicked and takes it back, on the picture and at its badge.
	await page.keyboard.press('s');
	await clickPicture(page, target, sampleSize);
	await expect(inMatte(page, 'Target 1')).not.toBeChecked();
	await expect(page.getByText('1 of 2 in the matte')).toBeVisible();
	await badge(page, 1).click();
	await expect(inMatte(page, 'Target 1')).toBeChecked();
	await expect(page.getByRole('button', { name: 'Target 1', exact: true })).toHaveAttribute(
		'aria-pressed',
		'true'
	);

	// The list works with keys alone.
	await page.keyboard.press('h');
	await expect(inMatte(page, 'Target 1')).not.toBeChecked();
	await page.keyboard.press('.');
	await page.getByRole('button', { name: 'Target 2', exact: true }).focus();
	await page.keyboard.press('ArrowUp');
	await expect(page.getByRole('button', { name: 'Target 1', exact: true })).toBeFocused();
	await page.keyboard.press('F2');
	await page.keyboard.type('fox');
	await page.keyboard.press('Enter');
	await expect(row(page, 'fox 1')).toBeVisible();
	await page.keyboard.press('Delete');
	await expect(row(page, 'fox 1')).toHaveCount(0);
	await expect(badge(page, 1)).toBeHidden();
	await page.keyboard.press('Control+z');
	await expect(row(page, 'fox 1')).toBeVisible();
	await expect(badge(page, 1)).toBeVisible();

	// Nothing here finds what is like an example.
	await expect(page.getByRole('button', { name: /^Example/ })).toBeDisabled();
	expect(errors).toEqual([]);
});
