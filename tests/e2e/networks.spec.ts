import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { chromium, expect, test as base, type Page } from '@playwright/test';
import { buildMatAnyone } from '../../models/matanyone/graph.ts';
import { runMatAnyone } from '../../models/matanyone/loop.ts';
import { decodeMask, maskArea, type RunLengthMask } from '../../models/mask.ts';
import { encodeModel } from '../../models/onnx/encode.ts';
import type { GraphDefinition } from '../../models/onnx/types.ts';
import { frameOf, maskOf } from '../../models/parity/matanyone.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import type { WebProvider } from '../../models/runtime.web.ts';
import { browserGraphs } from '../../models/sam3/formats.ts';
import { smallSize } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { placeOnTable, weightTable } from '../../models/weights/table.ts';
import { clip, loop } from './networks/clip.ts';
import { askSam3, type Questions } from './networks/ask-sam3.ts';
import { openSam3InNode } from './networks/sam3-in-node.ts';
import { serveNetworks } from './networks/serve.ts';
import { makeSmallModel } from './networks/small-model.ts';
import { makeSmallSam3, type PackedSam3 } from './networks/small-sam3.ts';

const softwareGpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

interface Models {
	readonly matAnyone: Awaited<ReturnType<typeof makeSmallModel>>;
	readonly sam3: PackedSam3;
}

/** A page that runs our networks by themselves, in a browser that has WebGPU, though only as a program. */
const test = base.extend<{ page: Page }, { models: Models; address: string }>({
	models: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are needed from the pattern
		async ({}, use) => {
			const folder = await mkdtemp(join(tmpdir(), 'splazmatte-networks-'));
			const sam3 = join(folder, 'sam3');
			await use({ matAnyone: await makeSmallModel(folder), sam3: await makeSmallSam3(sam3) });
			await rm(folder, { recursive: true, force: true });
		},
		{ scope: 'worker' }
	],
	address: [
		async ({ models: { matAnyone, sam3 } }, use) => {
			const server = await serveNetworks(
				{
					...{ '/small-model/table': matAnyone.table, '/small-model/packed': matAnyone.packed },
					...{ '/sam3/about': sam3.about, '/sam3/packed': sam3.packed }
				},
				dirname(matAnyone.table)
			);
			await use(server.address);
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

test('tells of a graphics card that is lost in the middle of a run', async ({ page }) => {
	const codes = await page.evaluate(() => networks.settle(networks.api.lose()));
	expect(codes).toEqual(['gpu-lost', 'gpu-lost']);
});

/** The alphas that Node computes over the same weights. */
async function expected({ table: path, packed }: Models['matAnyone']): Promise<Float32Array[]> {
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
	test(`MatAnyone gives Node’s numbers on ${provider}`, async ({ page, models }) => {
		test.setTimeout(400_000);
		const alphas = await page.evaluate(
			(providers) => networks.settle(networks.api.matte({ providers })),
			[provider]
		);
		const right = await expected(models.matAnyone);
		expect(alphas).toHaveLength(right.length);
		for (const [t, alpha] of alphas.entries()) {
			const differences = alpha.map((value, i) => Math.abs(value - right[t]![i]!));
			expect(Math.max(...differences), `the largest in frame ${t}`).toBeLessThan(5e-3);
			const mean = differences.reduce((sum, difference) => sum + difference) / differences.length;
			expect(mean, `the mean in frame ${t}`).toBeLessThan(1e-4);
		}
	});

/** What SAM 3 is asked: every network answers something. A graphics card that is only a program would take minutes for the rest. */
const questions: Record<WebProvider, Questions> = {
	wasm: {
		size: smallSize,
		ofFrame: ['click', 'box', 'box and click', 'words', 'words and example'],
		track: 4
	},
	webgpu: { size: smallSize / 2, ofFrame: ['click', 'box', 'words and example'], track: 2 }
};

for (const provider of ['wasm', 'webgpu'] as const)
	test(`SAM 3 gives Node’s numbers on ${provider}`, async ({ page, models }) => {
		const answers = await page.evaluate(
			([provider, questions]) => networks.settle(networks.api.sam3({ providers: [provider] }, questions)),
			[provider, questions[provider]] as const
		);
		const { segmenter, ran } = await openSam3InNode(models.sam3, questions[provider].size);
		const right = await askSam3(segmenter, questions[provider]);
		await segmenter.dispose();
		expect([...ran].sort()).toEqual([...browserGraphs].sort());
		expect(right['words and example']![0]!.score, 'the score tells something').toBeLessThan(0.9);
		for (const [question, expected] of Object.entries(right)) {
			const found = answers[question]!;
			expect(found, question).toHaveLength(expected.length);
			for (const [i, { score, mask }] of expected.entries()) {
				const area = maskArea(mask);
				expect(area, `${question}, mask ${i} shows something`).toBeGreaterThan(0);
				expect(area, `${question}, mask ${i} leaves something out`).toBeLessThan(mask.width * mask.height);
				expect(found[i]!.score, question).toBeCloseTo(score, 3);
				expect(unlike(found[i]!.mask, mask), `${question}, mask ${i}`).toBeLessThan(0.002);
			}
		}
	});

/** The part of the pixels in which two masks differ. */
function unlike(a: RunLengthMask, b: RunLengthMask): number {
	const [first, second] = [decodeMask(a).data, decodeMask(b).data];
	return first.filter((value, i) => value !== second[i]).length / first.length;
}
