import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeRuntime } from '../runtime.node.ts';
import type { Network } from '../runtime.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { openNetworks } from '../weights/networks.node.ts';
import { writeStandIn } from '../weights/stand-in.ts';
import type { OpenGraphs } from './compare.ts';
import type { ParityWeights } from './parity-file.ts';

/** Stand-in weights in a folder of their own, and graphs over them on the CPU. */
export interface Bench {
	readonly open: OpenGraphs;
	/** Releases what was opened, and removes the folder. */
	dispose(): Promise<void>;
}

export async function createBench(weights: ParityWeights): Promise<Bench> {
	const folder = await mkdtemp(join(tmpdir(), 'splazmatte-parity-'));
	const path = join(folder, 'model.safetensors');
	await writeStandIn(weights.shapes, weights, (chunk) => appendFile(path, chunk));
	const checkpoint = await openCheckpoint(path);
	const runtime = await createNodeRuntime({ providers: ['cpu'] });
	const opened: Network[] = [];
	return {
		async open(graphs) {
			const networks = await openNetworks(runtime, graphs, { checkpoint, folder, cache: folder });
			opened.push(...Object.values<Network>(networks));
			return networks;
		},
		async dispose() {
			await Promise.all(opened.map((network) => network.release()));
			await rm(folder, { recursive: true });
		}
	};
}
