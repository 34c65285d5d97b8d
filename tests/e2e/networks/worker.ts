import { runMatAnyone } from '../../../models/matanyone/loop.ts';
import { openOnTable } from '../../../models/matanyone/networks.web.ts';
import { frameOf, maskOf } from '../../../models/parity/matanyone.ts';
import { createWebRuntime, type WebRuntimeOptions } from '../../../models/runtime.web.ts';
import { weightTable } from '../../../models/weights/table.ts';
import { expose } from '../../../workers/rpc.ts';
import { clip, loop } from './clip.ts';

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
	}
};
export type NetworksApi = typeof api;

expose(api);
