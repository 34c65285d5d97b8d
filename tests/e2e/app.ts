import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base, type Locator, type Page } from '@playwright/test';
import { routes } from '../../server/protocol/routes.ts';
import { sampleFrames } from '../scenes/index.ts';
import { writeSmallClip, type SmallClip } from './clips.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The real server, as `npm start` runs it, on a workspace of its own. */
export class AppServer {
	#process: ChildProcess | undefined;
	/** Where the page is, once started. The port stays the same when the server is started again. */
	address = '';

	constructor(
		readonly workspace: string,
		private readonly settings: Readonly<Record<string, string>> = {}
	) {}

	async start(): Promise<void> {
		const env = {
			...process.env,
			PORT: this.address ? new URL(this.address).port : String(await freePort()),
			SPLAZMATTE_WORKSPACE: this.workspace,
			SPLAZMATTE_WEIGHTS: join(this.workspace, 'weights'),
			SPLAZMATTE_LOG_LEVEL: 'warn',
			...this.settings
		};
		const server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
			cwd: root,
			env,
			stdio: ['ignore', 'pipe', 'inherit']
		});
		this.#process = server;
		this.address = await new Promise<string>((resolve, reject) => {
			let printed = '';
			server.stdout!.setEncoding('utf8').on('data', (text: string) => {
				printed += text;
				const found = /runs at (http:\S+)/.exec(printed);
				if (found) resolve(found[1]!);
			});
			server.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
		});
	}

	/** Ends the server: politely, or as a crash would. */
	async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
		const server = this.#process;
		this.#process = undefined;
		if (!server || server.exitCode !== null) return;
		const ended = new Promise((resolve) => server.once('exit', resolve));
		server.kill(signal);
		await ended;
	}
}

/** A port by its number: one that the system picks cannot be listened on again at once after a crash. */
async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Starts a server with settings of its own; `stop` ends it and removes its workspace. */
export async function startApp(settings?: Readonly<Record<string, string>>) {
	const workspace = await mkdtemp(join(tmpdir(), 'splazmatte-e2e-'));
	const server = new AppServer(workspace, settings);
	await server.start();
	return {
		server,
		async stop() {
			await server.stop();
			await rm(workspace, { recursive: true, force: true });
		}
	};
}

/** For tests of what the page does with its service worker. */
export const withServiceWorker = { serviceWorkers: 'allow' } as const;

/** Tests with one server for each file of tests. */
export const test = base.extend<object, { server: AppServer; clip: SmallClip }>({
	server: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are needed from the pattern
		async ({}, use) => {
			const { server, stop } = await startApp();
			await use(server);
			await stop();
		},
		{ scope: 'worker' }
	],
	/** For tests to which any clip will do: it takes a fraction of the sample's time. */
	clip: [
		// eslint-disable-next-line no-empty-pattern -- as above
		async ({}, use) => {
			const folder = await mkdtemp(join(tmpdir(), 'splazmatte-clip-'));
			await use(await writeSmallClip(join(folder, 'small.mp4')));
			await rm(folder, { recursive: true, force: true });
		},
		{ scope: 'worker' }
	]
});

/** Tests with a server of their own each: for what stops it, or changes what it has for good. */
export const testAlone = base.extend<{ server: AppServer }>({
	// eslint-disable-next-line no-empty-pattern -- as above
	server: async ({}, use) => {
		const { server, stop } = await startApp();
		await use(server);
		await stop();
	}
});

export { expect };

/** Collects what the page says is wrong, except that the server does not have a clip before it was uploaded. */
export function listenForErrors(page: Page): string[] {
	const errors: string[] = [];
	page.on('pageerror', (error) => errors.push(String(error)));
	page.on('console', (message) => {
		const asked = message.location().url.includes(routes.clip(''));
		if (message.type() === 'error' && !asked) errors.push(message.text());
	});
	return errors;
}

/** Opens the sample clip and waits until its first frame is shown. */
export async function openSample(page: Page): Promise<void> {
	await page.getByRole('button', { name: /sample clip/i }).click();
	await expectFrame(page, 1);
}

/** Chooses a clip and waits until its first frame is shown. */
export async function openClip(page: Page, clip: SmallClip): Promise<void> {
	await page.locator('input[type=file]').setInputFiles(clip.path);
	await expectFrame(page, 1, clip.frames);
}

/** Waits until the clip, the sample unless told, is at a frame, counted from 1. */
export async function expectFrame(page: Page, frame: number, frames = sampleFrames): Promise<void> {
	await expect(page.getByTestId('frame-counter')).toHaveText(
		new RegExp(`^\\s*${frame}\\s*/\\s*${frames}\\s*$`)
	);
}

/** Waits until the server has the whole clip. */
export async function expectUploaded(page: Page): Promise<void> {
	await expect(page.getByText(/^\s*(On|Already on) the server/)).toBeVisible();
}

/** Waits until the page is kept whole in the browser and opens without the server. */
export async function expectOffline(page: Page): Promise<void> {
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
}

/** Opens the page in English, whatever the machine's language. */
export async function openPage(page: Page, server: AppServer, path = '/'): Promise<void> {
	await page.goto(server.address + path);
	await page.getByRole('button', { name: /sample clip/i }).waitFor();
}

/** Clicks into the picture at a pixel of the clip, which is fitted into the viewer. */
export async function clickPicture(
	page: Page,
	at: { x: number; y: number },
	size: { width: number; height: number },
	options?: Parameters<Locator['click']>[0]
): Promise<void> {
	await page.getByTestId('viewer').click({ ...options, position: await place(page, at, size) });
}

/** Drags a box over the picture, from one pixel of the clip to another, with the tool that is chosen. */
export async function dragPicture(
	page: Page,
	from: { x: number; y: number },
	to: { x: number; y: number },
	size: { width: number; height: number }
): Promise<void> {
	const box = (await page.getByTestId('viewer').boundingBox())!;
	const [a, b] = [await place(page, from, size), await place(page, to, size)];
	await page.mouse.move(box.x + a.x, box.y + a.y);
	await page.mouse.down();
	await page.mouse.move(box.x + b.x, box.y + b.y, { steps: 5 });
	await page.mouse.up();
}

/** Where a pixel of the clip is shown, from the viewer's top left: see `fit` in viewport.svelte.ts. */
async function place(page: Page, at: { x: number; y: number }, size: { width: number; height: number }) {
	const margin = 16;
	const box = (await page.getByTestId('viewer').boundingBox())!;
	const scale = Math.min((box.width - 2 * margin) / size.width, (box.height - 2 * margin) / size.height);
	return {
		x: (box.width - size.width * scale) / 2 + at.x * scale,
		y: (box.height - size.height * scale) / 2 + at.y * scale
	};
}
