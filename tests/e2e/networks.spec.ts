import { fileURLToPath } from 'node:url';
import { chromium, expect, test as base, type Page } from '@playwright/test';
import { createServer, defaultClientConditions } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const softwareGpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** A page that runs our networks by themselves, and a browser that has WebGPU, though only as a program. */
const test = base.extend<{ page: Page }, { address: string }>({
	address: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are needed from the pattern
		async ({}, use, info) => {
			const server = await createServer({
				...{ root, configFile: false, logLevel: 'error', appType: 'mpa' },
				cacheDir: info.project.outputDir + '/.vite',
				resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
				optimizeDeps: { exclude: ['onnxruntime-web'], noDiscovery: true },
				worker: { format: 'es' },
				server: {
					...{ host: '127.0.0.1', port: 0, hmr: false, watch: null },
					headers: {
						'Cross-Origin-Opener-Policy': 'same-origin',
						'Cross-Origin-Embedder-Policy': 'require-corp'
					}
				}
			});
			await server.listen();
			await use(`${server.resolvedUrls!.local[0]}tests/e2e/networks/index.html`);
			await server.close();
		},
		{ scope: 'worker' }
	],
	page: async ({ address, launchOptions }, use) => {
		const args = [...(launchOptions.args ?? []), ...softwareGpu];
		const browser = await chromium.launch({ ...launchOptions, args });
		const page = await browser.newPage();
		await page.goto(address);
		await page.waitForFunction(() => 'networks' in globalThis, undefined, { timeout: 30_000 });
		await use(page);
		await browser.close();
	}
});

const start = (page: Page, providers?: ('webgpu' | 'wasm')[]) =>
	page.evaluate((allowed) => networks.settle(networks.api.start({ providers: allowed })), providers);

test('takes WebAssembly rather than a WebGPU that is only a program, and says so', async ({ page }) => {
	expect(await start(page)).toMatchObject({
		provider: 'wasm',
		half: false,
		reasons: [{ provider: 'webgpu', code: 'webgpu-software' }]
	});
});

test('computes right on WebGPU', async ({ page }) => {
	expect(await start(page, ['webgpu'])).toMatchObject({ provider: 'webgpu', reasons: [] });
});
