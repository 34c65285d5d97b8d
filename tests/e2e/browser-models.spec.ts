import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { routes } from '../../server/protocol/routes.ts';
import { expect, testAlone as test } from './app.ts';

/** What this browser's folder of models holds: the length and SHA-256 of each file, by its name. */
function keptFiles(page: Page): Promise<Record<string, { bytes: number; sha256: string }>> {
	return page.evaluate(async () => {
		const root = await navigator.storage.getDirectory();
		const folder = await root.getDirectoryHandle('models', { create: true });
		const files: Record<string, { bytes: number; sha256: string }> = {};
		for await (const [name, handle] of folder.entries()) {
			const content = await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer();
			const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
			const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
			files[name] = { bytes: content.byteLength, sha256 };
		}
		return files;
	});
}

test('SAM 3 is downloaded into the browser: wrong bytes are refused, a cut is gone on with, and it stays', async ({
	page,
	context,
	server
}) => {
	await writeSmallSam3(join(server.workspace, 'weights/sam3'));
	/** What becomes of each download in turn; those after come through. */
	const spoil = [
		(content: Buffer) => {
			content[1000]! ^= 1;
			return content;
		},
		(content: Buffer) => content.subarray(0, content.length / 2)
	];
	const ranges: (string | undefined)[] = [];
	let whole: Buffer = Buffer.alloc(0);
	await context.route(`**${routes.webWeights('sam3')}`, async (route) => {
		ranges.push(route.request().headers().range);
		const change = spoil.shift();
		if (!change) return route.continue();
		whole = await (await route.fetch()).body();
		await route.fulfill({ status: 200, body: change(Buffer.from(whole)) });
	});

	await page.goto(`${server.address}/models`);
	const model = page.locator('[data-browser-model=sam3]');
	const download = async () => {
		await model.getByRole('button', { name: /^Download|^Try again/ }).click();
		const licence = page.getByRole('dialog', { name: 'Licence of SAM 3' });
		await licence.getByRole('checkbox').click();
		await licence.getByRole('button', { name: /^Download/ }).click();
	};
	await expect(model).toHaveAttribute('data-state', 'absent');
	await download();
	await expect(model.getByRole('alert')).toContainText('is not what was announced');
	await expect(model).toHaveAttribute('data-state', 'absent');
	expect(await keptFiles(page)).toEqual({});

	await download();
	await expect(model.getByRole('alert')).toContainText('The server does not answer');
	await expect(model).toHaveAttribute('data-state', 'partial');
	const here = Math.floor(whole.length / 2);
	const sha256 = createHash('sha256').update(whole).digest('hex');
	expect((await keptFiles(page))[sha256]!.bytes).toBe(here);

	await page.reload();
	await model.getByRole('button', { name: 'Go on' }).click();
	await expect(model).toHaveAttribute('data-state', 'kept');
	expect(ranges).toEqual([undefined, undefined, `bytes=${here}-`]);

	await page.reload();
	await expect(model).toHaveAttribute('data-state', 'kept');
	const kept = await keptFiles(page);
	expect(Object.keys(kept).sort()).toEqual([sha256, 'sam3.json'].sort());
	expect(kept[sha256]).toEqual({ bytes: whole.length, sha256 });
});
