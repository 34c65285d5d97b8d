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
import type { Clicks, ClickTimes } from '../e2e/networks/drawn-clicks.ts';
import { packSam3 } from '../e2e/networks/small-sam3.ts';
import { median, quantiles } from './measure.ts';

/** Milliseconds from a click to its drawn mask that still feel instant. */
const most = 250;
const picture: Size = { width: 1920, height: 1080 };

const help = `npm run bench:prompt -- sam3 [options]
Measures clicks on a picture of 1920x1080 that is encoded already, from the prompt to the drawn mask: SAM 3's decoder in Chromium's worker on
WebAssembly, and the viewer's renderer.
  --weights FOLDER  a checkpoint that is there (default: a stand-in is made, of 3.4 GB, and removed at the end)
  --size N          the input's side in pixels, a multiple of 14 (default: 1008)
  --threads N       of WebAssembly (default: 2)
  --clicks N        (default: 20)
  --check           end with status 1 where a click takes more than ${most} ms at the median`;

const options = {
	weights: { type: 'string' },
	size: { type: 'string', default: '1008' },
	threads: { type: 'string', default: '2' },
	clicks: { type: 'string', default: '20' },
	check: { type: 'boolean', default: false },
	help: { type: 'boolean', default: false }
} as const;

/** @param args what follows the benchmark's name on the command line */
export async function promptSam3(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options });
	if (values.help) return console.log(help);
	const [size, threads, clicks] = [values.size, values.threads, values.clicks].map(Number);
	const times = await measured({ size: size!, threads: threads!, clicks: clicks!, picture }, values.weights);
	console.log(`SAM 3 at ${size} pixels, ${times.threads} threads of ${cpus()[0]!.model}, ${clicks} clicks`);
	const sums = [times.first, times.second].map((clicks) => {
		console.log(clicks === times.first ? '\nclick' : '\nsecond click');
		const sum = clicks.map(({ answer, drawing }) => answer + drawing);
		console.log(`decoder: ${quantiles(clicks.map(({ decoder }) => decoder))}`);
		console.log(`to the mask's run lengths: ${quantiles(clicks.map(({ answer }) => answer))}`);
		console.log(`drawing: ${quantiles(clicks.map(({ drawing }) => drawing))}`);
		console.log(`to the drawn mask: ${quantiles(sum)}`);
		return median(sum);
	});
	if (values.check && Math.max(...sums) > most) process.exitCode = 1;
}

/** @param weights the checkpoint's folder; a stand-in is made when left out */
async function measured(clicks: Clicks, weights: string | undefined): Promise<ClickTimes> {
	const scratch = await mkdtemp(join(tmpdir(), 'splazmatte-prompt-'));
	try {
		const { packed, about } = await packSam3(weights ?? (await makeWeights(scratch)), join(scratch, 'web'));
		const server = await serveNetworks({ '/sam3/about': about, '/sam3/packed': packed }, scratch);
		const browser = await chromium.launch(config.use?.launchOptions);
		try {
			const page = await browser.newPage();
			await page.goto(server.address);
			await page.waitForFunction(() => 'networks' in globalThis);
			return await page.evaluate((asked) => networks.measureClicks(asked), clicks);
		} finally {
			await browser.close();
			await server.close();
		}
	} finally {
		await rm(scratch, { recursive: true });
	}
}

async function makeWeights(root: string): Promise<string> {
	const store = new ModelStore(root);
	const model = findModel('sam3')!;
	await makeStandIn(store, model);
	return store.folder(model);
}
