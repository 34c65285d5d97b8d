import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { listOfflineFiles } from '../../scripts/offline-files.mjs';
import { defaultConfig, type Config } from '../../server/config.ts';
import { startServer, type RunningServer } from '../../server/server.ts';
import { clickPoint, sampleScene, sampleSize } from '../scenes/index.ts';
import {
	clickPicture,
	expect,
	expectOffline,
	listenForErrors,
	openSample,
	startApp,
	test as base,
	withServiceWorker
} from './app.ts';

base.use(withServiceWorker);

const build = fileURLToPath(new URL('../../build', import.meta.url));

/** A server in this process, on a copy of the build that a test may replace. */
class Published {
	#server: RunningServer | undefined;

	constructor(private readonly root: string) {}

	get address(): string {
		return this.#server!.address;
	}

	get directory(): string {
		return join(this.root, 'build');
	}

	async start(): Promise<void> {
		await cp(build, this.directory, { recursive: true });
		const workspace = join(this.root, 'workspace');
		const config: Config = { ...defaultConfig, port: 0, logLevel: 'silent', workspace };
		this.#server = await startServer(config, { build: this.directory });
	}

	async stop(): Promise<void> {
		await this.#server?.close();
		await rm(this.root, { recursive: true, force: true });
	}

	/** Puts another version in the place of the build: all files of code have other names, and the page says its name. */
	async publish(version: string): Promise<void> {
		const app = `_v${version}`;
		const { version: old } = JSON.parse(await readFile(join(build, '_app/version.json'), 'utf8')) as {
			version: string;
		};
		await rm(this.directory, { recursive: true });
		await cp(build, this.directory, { recursive: true });
		await rename(join(this.directory, '_app'), join(this.directory, app));
		const files = await readdir(this.directory, { recursive: true });
		for (const file of files.filter((name) => ['.js', '.css', '.html', '.json'].includes(extname(name)))) {
			const path = join(this.directory, file);
			const text = await readFile(path, 'utf8');
			const changed = text
				.replaceAll('_app/', `${app}/`)
				.replaceAll(old, version)
				.replace('<html ', `<html data-version="${version}" `);
			if (changed !== text) await writeFile(path, changed);
		}
		const worker = join(this.directory, 'service-worker.js');
		// Its list of files is that of the build.
		await writeFile(worker, (await readFile(worker, 'utf8')).replace(/^self\.files=.*\n/, ''));
		await listOfflineFiles(this.directory);
	}
}

const test = base.extend<{ published: Published }>({
	// eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are needed from the pattern
	published: async ({}, use) => {
		const published = new Published(await mkdtemp(join(tmpdir(), 'splazmatte-e2e-')));
		await published.start();
		await use(published);
		await published.stop();
	}
});

test('the page starts without a server, plays the sample and finds a mask', async ({ page }) => {
	const { server, stop } = await startApp();
	try {
		await page.goto(server.address);
		await expectOffline(page);
		await expectState(page, 'also opens without a network');
		await server.stop();
		for (const path of ['/', '/?session=none', '/library', '/no-such-page']) {
			await page.goto(server.address + path);
			await expect(page).toHaveTitle(/SplazMatte/);
			await expect(page.getByRole('link', { name: 'Start page' })).toBeVisible();
			expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
		}
		await page.goto(server.address);
		await openSample(page);
		await clickPicture(page, clickPoint(sampleScene, sampleSize), sampleSize);
		await expect(page.getByTestId('keyframe')).toBeVisible();
		await expect(page.getByTestId('viewer')).toHaveAttribute('aria-busy', 'false');
	} finally {
		await stop();
	}
});

test('without a server, parts of files are answered as the server does, and the API is not', async ({
	page
}) => {
	const { server, stop } = await startApp();
	try {
		await page.goto(server.address);
		await expectOffline(page);
		const online = await parts(page);
		await server.stop();
		await page.reload();
		expect(await parts(page)).toEqual(online);
		expect(online.map(({ status }) => status)).toEqual([200, 206, 206, 416]);
		const api = page.evaluate(() => fetch('/api/health').then(({ status }) => status));
		await expect(api).rejects.toThrow(/fetch/i);
	} finally {
		await stop();
	}
});

test('a new version is told of in every tab, and each goes on with the old one until it reloads', async ({
	context,
	published
}) => {
	const [one, other] = [await context.newPage(), await context.newPage()];
	await one.goto(published.address);
	await expectOffline(one);
	await other.goto(published.address);
	const errors = listenForErrors(other);

	await published.publish('2');
	await one.reload();
	await expect(notice(one)).toBeVisible();
	await expect(notice(other)).toBeVisible();
	expect(await version(one)).toBeUndefined();

	let loads = 0;
	one.on('load', () => loads++);
	await notice(one).getByRole('button', { name: 'Reload' }).click();
	await expect(one.locator('html')).toHaveAttribute('data-version', '2');
	await expect(one.getByRole('button', { name: /sample clip/i })).toBeVisible();
	await expect(notice(one)).toBeHidden();
	expect(loads).toBe(1);

	// What the other tab still has to load is gone from the server, but not from the browser.
	await expect(notice(other)).toBeVisible();
	expect(await version(other)).toBeUndefined();
	expect(await other.evaluate(loadsItsCodeAgain)).toBe(true);
	await openSample(other);
	expect(errors).toEqual([]);
	expect(await versionsKept(one)).toBe(2);

	await notice(other).getByRole('button', { name: 'Reload' }).click();
	await expect(other.locator('html')).toHaveAttribute('data-version', '2');
	// The old version goes when a page starts after the last that used it.
	await expect
		.poll(async () => {
			await one.reload();
			return versionsKept(one);
		})
		.toBe(1);
});

test('a version that cannot be had whole does not replace the one that works', async ({
	page,
	published
}) => {
	await page.goto(published.address);
	await expectOffline(page);
	await published.publish('2');
	await rm(join(published.directory, 'sample/sample.mp4'));
	const refused = page.evaluate(async () => {
		const registration = await navigator.serviceWorker.ready;
		const ended = new Promise<string>((resolve) => {
			registration.addEventListener('updatefound', () => {
				const next = registration.installing!;
				next.addEventListener('statechange', () => resolve(next.state));
			});
		});
		await registration.update();
		return ended;
	});
	expect(await refused).toBe('redundant');
	await page.reload();
	await expect(page.getByRole('button', { name: /sample clip/i })).toBeVisible();
	expect(await version(page)).toBeUndefined();
	await openSample(page);
});

test('with no room for its files, the page works online and says that it does not work offline', async ({
	page,
	published
}) => {
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('Storage.overrideQuotaForOrigin', { origin: published.address, quotaSize: 4e6 });
	await page.goto(published.address);
	await page.getByRole('button', { name: /sample clip/i }).waitFor();
	await expectState(page, 'the browser has no room for its files');
	expect(await versionsKept(page)).toBe(0);
	await openSample(page);
});

test('a new version for which there is no room beside the old one takes its place', async ({
	page,
	published
}) => {
	await page.goto(published.address);
	await expectOffline(page);
	const { usage } = await page.evaluate(() => navigator.storage.estimate());
	const devtools = await page.context().newCDPSession(page);
	const quotaSize = usage! + 4e6;
	await devtools.send('Storage.overrideQuotaForOrigin', { origin: published.address, quotaSize });
	await published.publish('2');
	await page.reload();
	await notice(page).getByRole('button', { name: 'Reload' }).click();
	await expect(page.locator('html')).toHaveAttribute('data-version', '2');
	await openSample(page);
});

/** Waits until the help sheet says how things stand with use without a network. */
async function expectState(page: Page, words: string): Promise<void> {
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog').getByText(words)).toBeVisible();
	await page.keyboard.press('Escape');
}

function notice(page: Page) {
	return page.getByRole('status').filter({ hasText: 'A new version' });
}

function version(page: Page): Promise<string | undefined> {
	return page.evaluate(() => document.documentElement.dataset.version);
}

/** Whether the code that a page began with can still be had, from anywhere but the browser's cache of the network. */
async function loadsItsCodeAgain(): Promise<boolean> {
	const { href } = document.querySelector<HTMLLinkElement>('link[rel=modulepreload]')!;
	return (await fetch(href, { cache: 'reload' })).ok;
}

/** How many versions of the page the browser keeps. */
function versionsKept(page: Page): Promise<number> {
	return page.evaluate(async () => (await caches.keys()).length);
}

/** What the sample clip's whole and parts are answered with. */
function parts(page: Page) {
	return page.evaluate(async () => {
		const answers = [];
		for (const range of [undefined, 'bytes=100-199', 'bytes=-50', 'bytes=99999999-']) {
			const answer = await fetch('/sample/sample.mp4', range ? { headers: { range } } : {});
			const bytes = answer.ok ? await answer.arrayBuffer() : new ArrayBuffer(0);
			const digest = [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].join();
			const [part, length, type] = ['Content-Range', 'Content-Length', 'Content-Type'].map((name) =>
				answer.headers.get(name)
			);
			answers.push({ status: answer.status, part, length, type, digest });
		}
		return answers;
	});
}
