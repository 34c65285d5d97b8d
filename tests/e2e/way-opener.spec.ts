import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base, type Page } from '@playwright/test';
import type {} from './ways/page.svelte.ts';
import { servePage } from './networks/serve.ts';

/** A page that opens ways by themselves: Svelte runs effects only in a browser. */
const test = base.extend<{ page: Page }, { address: string }>({
	address: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are needed from the pattern
		async ({}, use) => {
			const scratch = await mkdtemp(join(tmpdir(), 'splazmatte-ways-'));
			const server = await servePage('ways', scratch);
			await use(server.address);
			await server.close();
			await rm(scratch, { recursive: true, force: true });
		},
		{ scope: 'worker' }
	],
	page: async ({ page, address }, use) => {
		await page.goto(address);
		await page.waitForFunction(() => 'ways' in globalThis);
		await page.evaluate(() => ways.open());
		await use(page);
	}
});

const started = (page: Page) => page.evaluate(() => ways.started);

/** Waits until Svelte has run the effects of what changed. */
const settle = (page: Page) => page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));

const first = { provider: 'wasm', weights: 'first' };

test('SAM 3 is opened again when newer weights are kept', async ({ page }) => {
	expect(await started(page)).toEqual([{ ...first, closed: false }]);
	await page.evaluate(() => void (ways.weights = 'second'));
	await expect
		.poll(() => started(page))
		.toEqual([
			{ ...first, closed: true },
			{ ...first, weights: 'second', closed: false }
		]);
});

test('a way that is chosen, and newer weights, wait until targets are followed', async ({ page }) => {
	await page.evaluate(() => ways.hold());
	await page.evaluate(() => {
		ways.choose('webgpu');
		ways.weights = 'second';
	});
	await settle(page);
	expect(await started(page)).toEqual([{ ...first, closed: false }]);
	await page.evaluate(() => ways.release());
	await expect
		.poll(() => started(page))
		.toEqual([
			{ ...first, closed: true },
			{ provider: 'webgpu', weights: 'second', closed: false }
		]);
});
