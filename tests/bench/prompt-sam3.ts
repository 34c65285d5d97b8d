import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import type { Size } from '../../models/frame.ts';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { findModel } from '../../models/registry.ts';
import config from '../../playwright.config.ts';
import { serveNetworks } from '../e2e/networks/serve.ts';
import { packSam3 } from '../e2e/networks/small-sam3.ts';
import { quantiles } from './measure.ts';

const help = `npm run bench:prompt -- sam3 [options]
Measures clicks on a frame that is encoded already, from the prompt to the run lengths of the mask, in Chromium's worker on WebAssembly.
  --weights FOLDER  a checkpoint that is there (default: a stand-in is made, of 3.4 GB, and removed at the end)
  --size N          the input's side in pixels, a multiple of 14 (default: 1008)
  --threads N       of WebAssembly (default: 2)
  --clicks N        (default: 20)`;

const options = {
	weights: { type: 'string' },
	size: { type: 'string', default: '1008' },
	threads: { type: 'string', default: '2' },
	clicks: { type: 'string', default: '20' },
	help: { type: 'boolean', default: false }
} as const;

/**
 * @param args what follows the benchmark's name on the command line
 * @param picture the size of the masks
 */
export async function promptSam3(args: readonly string[], picture: Size): Promise<void> {
	const { values } = parseArgs({ args: [...args], options });
	if (values.help) return console.log(help);
	const scratch = await mkdtemp(join(tmpdir(), 'splazmatte-prompt-'));
	const folder = values.weights ?? (await makeWeights(scratch));
	const { packed, about } = await packSam3(folder, scratch, ['decoder']);
	const server = await serveNetworks({ '/sam3/about': about, '/sam3/packed': packed }, scratch);
	const browser = await chromium.launch(config.use?.launchOptions);
	try {
		const page = await browser.newPage();
		await page.goto(server.address);
		await page.waitForFunction(() => 'networks' in globalThis);
		const [size, threads, clicks] = [values.size, values.threads, values.clicks].map(Number);
		const times = await page.evaluate((asked) => networks.settle(networks.api.clickSam3(asked)), {
			size: size!,
			threads: threads!,
			clicks: clicks!,
			picture
		});
		console.log(`SAM 3 at ${size} pixels, ${times.threads} threads of ${cpus()[0]!.model}`);
		const mask = `${picture.width}x${picture.height}`;
		console.log(`decoder, ${times.decoder.length} runs: ${quantiles(times.decoder)}`);
		console.log(`click to mask of ${mask}, ${clicks} clicks: ${quantiles(times.all)}`);
		console.log(`second click to mask, ${clicks} clicks: ${quantiles(times.second)}`);
	} finally {
		await browser.close();
		await server.close();
		await rm(scratch, { recursive: true });
	}
}

async function makeWeights(root: string): Promise<string> {
	const store = new ModelStore(root);
	const model = findModel('sam3')!;
	await makeStandIn(store, model);
	return store.folder(model);
}
