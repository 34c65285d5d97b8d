import { join } from 'node:path';
import { writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { expect, openPage, openSample, testAlone as test } from './app.ts';

test('a browser measures the SAM 3 that it keeps, and finds things by Chinese words', async ({
	page,
	context,
	server
}) => {
	test.setTimeout(300_000);
	await writeSmallSam3(join(server.workspace, 'weights/sam3'), { sure: true });
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const errors: string[] = [];
	page.on('pageerror', (error) => errors.push(String(error)));
	await openPage(page, server);
	await page.getByRole('link', { name: 'Models' }).click();
	await page.getByRole('link', { name: 'How fast is this browser?' }).click();

	// Weights are offered where they are needed.
	const benchmark = page.getByTestId('benchmark');
	await benchmark.getByRole('button', { name: /^Download/ }).click();
	const licence = page.getByRole('dialog', { name: /^Licence of SAM 3/ });
	await licence.getByRole('checkbox').click();
	await licence.getByRole('button', { name: /^Download/ }).click();
	const smallest = page.getByRole('row', { name: /WebAssembly/ }).last();
	await expect(smallest.getByRole('checkbox')).toBeChecked();

	await page.getByRole('button', { name: 'Run', exact: true }).click();
	await expect(smallest).toHaveAttribute('data-state', 'done', { timeout: 120_000 });
	await expect(page.getByText(/^right \(/).first()).toBeVisible();
	await page.getByRole('button', { name: 'Copy as Markdown' }).click();
	const copied = await page.evaluate(() => navigator.clipboard.readText());
	expect(copied).toMatch(/\| wasm \| \d+ \| float32 \|( \d+ ms \|){5}/);
	expect(copied).toContain('- wasm: right');

	// Another run is cancelled at once.
	await page.getByRole('button', { name: 'Run', exact: true }).click();
	await page.getByRole('button', { name: 'Cancel' }).click();
	await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();

	await page.goto(server.address);
	await openSample(page);
	await page.getByText('Segmenter', { exact: true }).click();
	await page.getByRole('radio', { name: 'SAM 3, this device’s processor' }).click();
	const words = page.getByRole('textbox', { name: 'Find by words' });
	await expect(words).toBeEnabled();
	await words.fill('饕餮纹的红色杯子');
	await words.press('Enter');
	const english = page.getByRole('textbox', { name: 'In English' });
	await expect(english).toHaveValue('red cup');
	await expect(english).toBeFocused();
	await expect(page.getByText('Not understood: “饕餮纹”')).toBeVisible();
	await words.fill('穿红衣服的人');
	await words.press('Enter');
	await expect(english).toHaveValue('person in red clothes');
	await expect(page.getByText('Translated with the built-in word list')).toBeVisible();
	// The server's text encoder and the detector are loaded for the first phrase.
	await expect(page.getByRole('button', { name: /^穿红衣服的人/ }).first()).toBeVisible({ timeout: 120_000 });
	expect(errors).toEqual([]);
});
