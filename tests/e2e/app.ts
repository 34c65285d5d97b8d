import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, type Locator, type Page } from '@playwright/test';

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
			PORT: new URL(this.address || 'http://127.0.0.1:0').port || '0',
			SPLAZMATTE_WORKSPACE: this.workspace,
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

/** Tests with one server for each file of tests. */
export const test = base.extend<object, { server: AppServer }>({
	server: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are needed from the pattern
		async ({}, use) => {
			const { server, stop } = await startApp();
			await use(server);
			await stop();
		},
		{ scope: 'worker' }
	]
});

export { expect } from '@playwright/test';

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
