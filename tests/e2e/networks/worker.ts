import { env } from 'onnxruntime-web/webgpu';
import { canaryFeeds, canaryModel, isCanaryRight } from '../../../models/canary.ts';
import { CodedError } from '../../../models/errors.ts';
import { runMatAnyone } from '../../../models/matanyone/loop.ts';
import { openOnTable } from '../../../models/matanyone/networks.web.ts';
import { frameOf, maskOf } from '../../../models/parity/matanyone.ts';
import { openSam3Web, type Sam3Table } from '../../../models/sam3/networks.web.ts';
import { createWebRuntime, type WebRuntimeOptions } from '../../../models/runtime.web.ts';
import { weightTable } from '../../../models/weights/table.ts';
import { expose } from '../../../workers/rpc.ts';
import { askSam3, type Answers, type Questions } from './ask-sam3.ts';
import { openClicks, type Clickable, type Clicked, type ClickSetup } from './click-sam3.ts';
import { clip, loop } from './clip.ts';
import { phrases } from './phrases.ts';

let clickable: Clickable | undefined;

const api = {
	/** Which provider a browser gets. */
	async start(options: WebRuntimeOptions) {
		const { provider, reasons, half } = await createWebRuntime(options);
		return { provider, reasons, half };
	},

	/** Alphas of the small model. */
	async matte(options: WebRuntimeOptions): Promise<number[][]> {
		const [table, weights] = await Promise.all([
			fetch('/small-model/table').then(async (answer) => weightTable.parse(await answer.json())),
			fetch('/small-model/packed').then((answer) => answer.blob())
		]);
		const networks = await openOnTable(await createWebRuntime(options), table, weights)(clip);
		const frames = Array.from({ length: clip.frames }, (_, t) => frameOf(clip, t));
		const alphas: number[][] = [];
		for await (const alpha of runMatAnyone(networks, clip, frames, maskOf(clip), loop))
			alphas.push([...alpha]);
		return alphas;
	},

	/** What the reduced SAM 3 answers. */
	async sam3(options: WebRuntimeOptions, questions: Questions): Promise<Answers> {
		const [about, weights] = await Promise.all([
			fetch('/sam3/about').then((answer) => answer.json() as Promise<Sam3Table>),
			fetch('/sam3/packed').then((answer) => answer.blob())
		]);
		const { size } = questions;
		const runtime = await createWebRuntime(options);
		const segmenter = await openSam3Web({ runtime, about, weights, size, precision: 'float32', phrases });
		return askSam3(segmenter, questions);
	},

	/** Loses the graphics card in the middle of a run. @returns the codes that this run and the next one fail with */
	async lose(): Promise<unknown[]> {
		const runtime = await createWebRuntime({ providers: ['webgpu'] });
		const network = await runtime.open(canaryModel());
		const codeOf = async (run: Promise<unknown>) =>
			run.then(
				() => 'it ran',
				(error: unknown) => (error instanceof CodedError ? error.code : error)
			);
		const running = codeOf(network.run(canaryFeeds()).then(isCanaryRight));
		((await env.webgpu.device) as GPUDevice).destroy();
		return [await running, await codeOf(network.run(canaryFeeds()))];
	},

	/** @returns threads of WebAssembly */
	async openClicks(setup: ClickSetup): Promise<number> {
		clickable = await openClicks(setup);
		return clickable.threads;
	},

	/** @param places of clicks on the frame of `openClicks`, 0 to 1 */
	click: (places: readonly number[]): Promise<Clicked> => clickable!.click(places)
};
export type NetworksApi = typeof api;

expose(api);
