import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, expect, test as base, type Page } from '@playwright/test';
import { createServer, defaultClientConditions, type Plugin } from 'vite';
import { buildMatAnyone } from '../../models/matanyone/graph.ts';
import { runMatAnyone } from '../../models/matanyone/loop.ts';
import { encodeModel } from '../../models/onnx/encode.ts';
import type { GraphDefinition } from '../../models/onnx/types.ts';
import { frameOf, maskOf } from '../../models/parity/matanyone.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import type { WebProvider } from '../../models/runtime.web.ts';
import { placeOnTable, weightTable } from '../../models/weights/table.ts';
import { clip, loop } from './networks/clip.ts';
import { makeSmallModel } from './networks/small-model.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const softwareGpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp'
};

type SmallModel = Awaited<ReturnType<typeof makeSmallModel>>;

function serve(model: SmallModel): Plugin {
	return {
		name: 'small-model',
		configureServer: ({ middlewares }) => {
			for (const name of ['table', 'packed'] as const)
				middlewares.use(`/small-model/${name}`, (_, answer) => createReadStream(model[name]).pipe(answer));
		}
	};
}

/** A page that runs our networks by themselves, in a browser that has WebGPU, though only as a program. */
const test = base.extend<{ page: Page }, { model: SmallModel; address: string }>({
	model: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are needed from the pattern
		async ({}, use) => {
			const folder = await mkdtemp(join(tmpdir(), 'splazmatte-networks-'));
			await use(await makeSmallModel(folder));
			await rm(folder, { recursive: true, force: true });
		},
		{ scope: 'worker' }
	],
	address: [
		async ({ model }, use) => {
			const server = await createServer({
				...{ root, configFile: false, logLevel: 'error', appType: 'mpa' },
				cacheDir: join(dirname(model.table), 'vite'),
				plugins: [serve(model)],
				resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
				optimizeDeps: { exclude: ['onnxruntime-web'], noDiscovery: true },
				worker: { format: 'es' },
				server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, headers: isolation }
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
		await page.waitForFunction(() => 'networks' in globalThis, undefined, { timeout: 60_000 });
		await use(page);
		await browser.close();
	}
});

const start = (page: Page, providers?: WebProvider[]) =>
	page.evaluate((providers) => networks.settle(networks.api.start({ providers })), providers);

test('takes WebAssembly rather than a WebGPU that is only a program, and says so', async ({ page }) => {
	expect(await start(page)).toMatchObject({
		provider: 'wasm',
		half: false,
		reasons: [{ provider: 'webgpu', code: 'webgpu-software' }]
	});
});

/** The alphas that Node computes over the same weights. */
async function expected({ table: path, packed }: SmallModel): Promise<Float32Array[]> {
	const table = weightTable.parse(JSON.parse(await readFile(path, 'utf8')));
	const runtime = await createNodeRuntime({ providers: ['cpu'] });
	const open = (definition: GraphDefinition) => {
		const { graph, placementOf } = placeOnTable(definition, table, basename(packed));
		return runtime.open({ bytes: encodeModel(graph, placementOf), folder: dirname(packed) });
	};
	const graphs = buildMatAnyone(new Map(Object.entries(table.tensors)), { ...clip, precision: 'float32' });
	const networks = {
		seed: await open(graphs.seed),
		first: await open(graphs.first),
		step: await open(graphs.step)
	};
	const frames = Array.from({ length: clip.frames }, (_, t) => frameOf(clip, t));
	const alphas: Float32Array[] = [];
	for await (const alpha of runMatAnyone(networks, clip, frames, maskOf(clip), loop)) alphas.push(alpha);
	return alphas;
}

for (const provider of ['wasm', 'webgpu'] as const)
	test(`MatAnyone gives Node’s numbers on ${provider}`, async ({ page, model }) => {
		test.setTimeout(400_000);
		const alphas = await page.evaluate(
			(providers) => networks.settle(networks.api.matte({ providers })),
			[provider]
		);
		const right = await expected(model);
		expect(alphas).toHaveLength(right.length);
		for (const [t, alpha] of alphas.entries()) {
			const differences = alpha.map((value, i) => Math.abs(value - right[t]![i]!));
			expect(Math.max(...differences), `the largest in frame ${t}`).toBeLessThan(5e-3);
			const mean = differences.reduce((sum, difference) => sum + difference) / differences.length;
			expect(mean, `the mean in frame ${t}`).toBeLessThan(1e-4);
		}
	});
