// How fast VideoMaMa's networks run, and what memory they take: `npm run bench -- videomama --help`.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import type { FloatType } from '../../models/onnx/types.ts';
import type { Provider } from '../../models/provider.ts';
import { findModel } from '../../models/registry.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import { attentionOn } from '../../models/videomama/attention.ts';
import { FRAMES_AT_ONCE } from '../../models/videomama/build.ts';
import { readVideoMaMaConfig } from '../../models/videomama/config.node.ts';
import { buildVideoMaMa } from '../../models/videomama/graph.ts';
import { writeSmallVideoMaMa } from '../../models/videomama/small-checkpoint.fixture.node.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import { peakMegabytes } from './measure.ts';
import { measurePart, partsTable, type Measured, type Part } from './parts.ts';

const help = `npm run bench -- videomama [options]
Runs VideoMaMa's graphs over stand-in weights, which cost what trained ones do: each by itself, so that one of them is in memory. The
encoder is given one picture, the UNet a window, the decoder as many of its frames as it takes at once.
  --provider P      cpu, cuda or webgpu (default: cpu)
  --precision P     float32 or float16 (default: float32 on cpu, else float16)
  --attention A     fused or parts (default: what suits the provider)
  --size WxH        of the pictures, multiples of 64 (default: 256x192)
  --windows A,B     frames of a window, one measurement each (default: 4)
  --parts A,B       only these (encoder, unet, decoder)
  --rounds N        runs of each part after a first one, of which the median counts (default: 3)
  --threads N       of the CPU (default: all cores)
  --weights FOLDER  a checkpoint that is there (default: one is made, and removed at the end)
  --small           makes a small one, of the parity file's reduced networks
  --against COMMAND another implementation, in turn with ours: a command that is given PART WIDTH HEIGHT FRAMES ROUNDS and prints the
                    seconds of each run, one a line`;

const options = {
	provider: { type: 'string', default: 'cpu' },
	precision: { type: 'string' },
	attention: { type: 'string' },
	size: { type: 'string', default: '256x192' },
	windows: { type: 'string', default: '4' },
	parts: { type: 'string', default: 'encoder,unet,decoder' },
	rounds: { type: 'string', default: '3' },
	threads: { type: 'string', default: String(cpus().length) },
	weights: { type: 'string' },
	small: { type: 'boolean', default: false },
	against: { type: 'string' },
	help: { type: 'boolean', default: false }
} as const;

/** @param args what follows the benchmark's name on the command line */
export async function benchVideoMaMa(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options });
	if (values.help) return console.log(help);
	const provider = values.provider as Provider;
	const precision = (values.precision ?? (provider === 'cpu' ? 'float32' : 'float16')) as FloatType;
	const attention = (values.attention ?? attentionOn(provider)) as 'fused' | 'parts';
	const [width, height] = values.size.split('x').map(Number) as [number, number];
	const rounds = Number(values.rounds);
	const runtime = await createNodeRuntime({ providers: [provider], threads: Number(values.threads) });
	const cache = await mkdtemp(join(tmpdir(), 'splazmatte-bench-'));
	try {
		const folder = values.weights ?? (await makeWeights(cache, values.small));
		const where = `${provider}, ${precision}, ${attention} attention, ${values.threads} threads of ${cpus()[0]!.model}`;
		console.log(`${width}x${height}, ${where}\n`);
		const config = await readVideoMaMaConfig(folder);
		const { tensors } = await openCheckpoint(folder);
		const results: Measured[] = [];
		for (const name of values.parts.split(',') as (keyof typeof counts)[]) {
			for (const frames of name === 'encoder' ? [1] : values.windows.split(',').map(Number)) {
				const count = counts[name](frames);
				const build = { ...config, width, height, frames: count, precision, attention };
				const graph = buildVideoMaMa(tensors, build)[name];
				const part: Part = { name: `${name}, ${count} frames`, steps: [{ graph, sizes: { N: count } }] };
				process.stderr.write(`${part.name}\n`);
				const other = values.against && `${values.against} ${name} ${width} ${height} ${count} ${rounds}`;
				results.push(await measurePart(part, { runtime, folder, cache }, rounds, other));
				process.stderr.write(`peak memory of the process: ${peakMegabytes().toFixed(0)} MB\n`);
			}
		}
		console.log(partsTable(results));
		console.log(`\npeak memory of the process: ${peakMegabytes().toFixed(0)} MB`);
	} finally {
		await rm(cache, { recursive: true });
	}
}

/** How many frames each network is given of a window. */
const counts = {
	encoder: () => 1,
	unet: (window: number) => window,
	decoder: (window: number) => Math.min(window, FRAMES_AT_ONCE)
};

async function makeWeights(root: string, small: boolean): Promise<string> {
	if (small) {
		await writeSmallVideoMaMa(join(root, 'small'));
		return join(root, 'small');
	}
	const store = new ModelStore(root);
	const model = findModel('videomama')!;
	await makeStandIn(store, model);
	return store.folder(model);
}
