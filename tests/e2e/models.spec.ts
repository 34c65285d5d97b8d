import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeHub, noise } from '../../models/hub/fake-hub.node.ts';
import { expect, listenForErrors, startApp, test } from './app.ts';

const weights = noise(300_000);

test('a model is downloaded after its licence was accepted, paused, gone on with, checked and removed', async ({
	page
}) => {
	const hub = await FakeHub.start('PeiqingYang/MatAnyone2', {
		'config.json': '{}',
		'model.safetensors': weights
	});
	const { server, stop } = await startApp({ HF_ENDPOINT: hub.endpoint });
	try {
		const errors = listenForErrors(page);
		await page.goto(server.address);
		await page.getByRole('link', { name: 'Models' }).click();
		const model = page.getByRole('article', { name: 'MatAnyone 2', exact: true });
		const state = model.getByTestId('model-state');
		const button = (name: string | RegExp) => model.getByRole('button', { name });
		await expect(state).toHaveText('Not installed');
		await expect(model).toContainText('Non-commercial');
		await expect(model.getByRole('link', { name: 'S-Lab License 1.0' })).toHaveAttribute('href', /LICENSE/);

		// The licence comes first, and nothing is asked of the hub before.
		await button(/^Download/).click();
		const licence = page.getByRole('dialog', { name: 'Licence of MatAnyone 2' });
		const download = licence.getByRole('button', { name: /^Download/ });
		await expect(download).toBeDisabled();
		expect(hub.seen).toEqual([]);
		hub.holdAfter = 100_000;
		await licence.getByRole('checkbox').click();
		await download.click();
		await expect(model.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '33');
		await button('Pause').click();
		await expect(state).toHaveText('Not finished');

		// It was accepted, so going on asks nothing.
		hub.release();
		await page.reload();
		await button('Go on').click();
		await expect(state).toHaveText('Installed');
		await expect(page.getByText('MatAnyone 2 is installed.')).toBeVisible();
		const file = join(server.workspace, 'weights/matanyone2/model.safetensors');
		expect(weights.equals(await readFile(file))).toBe(true);
		expect(hub.downloads).toEqual([undefined, 'bytes=100000-']);
		await button('Check files').click();
		await expect(model).toContainText('Every file is as it was downloaded.');

		await page.getByRole('button', { name: '中文' }).click();
		await expect(state).toHaveText('已安装');
		await page.getByRole('button', { name: 'English' }).click();
		await button('Remove').click();
		await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
		await expect(state).toHaveText('Not installed');

		// Why it cannot be had is said in words.
		hub.token = 'hf_wanted';
		await button(/^Download/).click();
		await licence.getByRole('checkbox').click();
		await download.click();
		await expect(model.getByRole('alert')).toContainText(`Visit ${hub.endpoint}/PeiqingYang/MatAnyone2`);
		await expect(button('Try again')).toBeVisible();
		expect(errors).toEqual([]);
	} finally {
		await stop();
		await hub.stop();
	}
});
