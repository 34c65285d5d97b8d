import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { Tensor } from 'onnxruntime-common';
import type { GraphDefinition, Port } from '../../models/onnx/types.ts';
import type { NodeRuntime } from '../../models/runtime.node.ts';
import type { Tensors } from '../../models/runtime.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import { elementsOf } from '../../models/weights/checkpoint.ts';
import { openNetworks } from '../../models/weights/networks.node.ts';
import { unit } from '../../models/weights/stand-in.ts';
import { median } from './measure.ts';
import { table } from './report.ts';

/** Networks that are measured together, and by themselves. */
export interface Part {
	/** A word that names it, for other implementations too. */
	readonly name: string;
	/** In the order in which they run, and the sizes that are open in each. */
	readonly steps: readonly { readonly graph: GraphDefinition; readonly sizes: Sizes }[];
}

export type Sizes = Readonly<Record<string, number>>;

/** Where a part's weights are, and what it runs on. */
export interface Place {
	readonly runtime: NodeRuntime;
	readonly folder: string;
	readonly cache: string;
}

export interface Measured {
	readonly part: string;
	/** From the files to the end of the first run, in seconds. */
	readonly first: number;
	/** Seconds of each further run. */
	readonly ours: readonly number[];
	readonly theirs: readonly number[];
}

/**
 * Runs a part once, and then as often as is asked for.
 * @param other the command of another implementation, which prints the seconds of each run, one a line
 */
export async function measurePart(
	{ name, steps }: Part,
	{ runtime, folder, cache }: Place,
	rounds: number,
	other?: string
): Promise<Measured> {
	const started = performance.now();
	const checkpoint = await openCheckpoint(folder);
	const graphs = Object.fromEntries(steps.map(({ graph }, i) => [i, graph]));
	const networks = await openNetworks(runtime, graphs, { checkpoint, folder, cache });
	const feeds = steps.map(({ graph, sizes }) => feedsOf(graph, sizes));
	const run = async () => {
		for (const i of steps.keys()) {
			for (const tensor of Object.values(await networks[i]!.run(feeds[i]!))) tensor.dispose();
		}
	};
	await run();
	const first = (performance.now() - started) / 1000;
	const ours: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const start = performance.now();
		await run();
		ours.push((performance.now() - start) / 1000);
	}
	await Promise.all(Object.values(networks).map((network) => network.release()));
	return { part: name, first, ours, theirs: other ? await runOther(other) : [] };
}

async function runOther(command: string): Promise<number[]> {
	const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
	const seconds = (await text(child.stdout)).trim().split('\n').map(Number);
	if (seconds.some((value) => !(value > 0))) throw new Error(`${command} printed no seconds`);
	return seconds;
}

/** Inputs of a graph's shapes: noise, ones and yes. */
function feedsOf({ inputs }: GraphDefinition, sizes: Sizes): Tensors {
	return Object.fromEntries(inputs.map((port) => [port.name, feedOf(port, sizes)]));
}

function feedOf({ name, dtype, shape }: Port, sizes: Sizes): Tensor {
	const dims = shape.map((size) => (typeof size === 'number' ? size : sizes[size]!));
	const count = elementsOf(dims);
	switch (dtype) {
		case 'float32':
			return new Tensor('float32', Float32Array.from(unit(name, count)), dims);
		case 'int64':
			return new Tensor('int64', new BigInt64Array(count).fill(1n), dims);
		case 'bool':
			return new Tensor('bool', new Uint8Array(count).fill(1), dims);
		default:
			throw new Error(`an input of type ${dtype}`);
	}
}

/** A Markdown table of the medians. */
export function partsTable(results: readonly Measured[]): string {
	return table(
		['part', 'files to first answer', 's', 'the other, s', 'times faster'],
		results.map(({ part, first, ours, theirs }) => {
			const [own, other] = [median(ours), theirs.length > 0 ? median(theirs) : undefined];
			return [
				part,
				`${first.toFixed(2)} s`,
				own.toFixed(3),
				other?.toFixed(3) ?? '',
				other ? (other / own).toFixed(2) : ''
			];
		})
	);
}
