// How fast SAM 3's networks run, and what memory they take: `npm run bench -- sam3 --help`.
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
import type { Sam3Build } from '../../models/sam3/build.ts';
import { readSam3Config } from '../../models/sam3/config.node.ts';
import { writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import { peakMegabytes } from './measure.ts';
import { measurePart, partsTable, type Measured } from './parts.ts';
import { partsOf } from './sam3-parts.ts';
import { useSam3, trackSam3 } from './sam3-use.ts';

const help = `npm run bench -- sam3 [options]
Runs SAM 3's graphs over stand-in weights, which cost what trained ones do: each part by itself, so that one of them is in memory.
  --provider P      cpu, cuda or webgpu (default: cpu)
  --precision P     float32 or float16 (default: float32 on cpu, else float16)
  --block-size N    keep large matrices in 4 bits, with a scale for every N columns
  --size N          the input's side in pixels, a multiple of 14 (default: 1008; with --track 336)
  --objects A,B     how many objects the tracker follows, one measurement each (default: 1,4)
  --parts A,B       only these (encoder, text, detector, decoder, tracker-1, …)
  --rounds N        runs of each part after a first one, of which the median counts (default: 3)
  --threads N       of the CPU (default: all cores)
  --weights FOLDER  a checkpoint that is there (default: one is made, and removed at the end)
  --against COMMAND another implementation, in turn with ours: a command that is given PART SIZE ROUNDS and prints the seconds of each
                    run, one a line
  --use             instead: opens all of it as the server does, and asks a click, a phrase and a tracked frame
  --track N         instead: follows four objects through N frames, and prints the memory at frame 50 and at the end; with a small
                    checkpoint, unless --weights says otherwise`;

const options = {
	provider: { type: 'string', default: 'cpu' },
	precision: { type: 'string' },
	'block-size': { type: 'string' },
	size: { type: 'string' },
	objects: { type: 'string', default: '1,4' },
	parts: { type: 'string' },
	rounds: { type: 'string', default: '3' },
	threads: { type: 'string', default: String(cpus().length) },
	weights: { type: 'string' },
	against: { type: 'string' },
	use: { type: 'boolean', default: false },
	track: { type: 'string' },
	help: { type: 'boolean', default: false }
} as const;

/** @param args what follows the benchmark's name on the command line */
export async function benchSam3(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options });
	if (values.help) return console.log(help);
	const provider = values.provider as Provider;
	const precision = (values.precision ?? (provider === 'cpu' ? 'float32' : 'float16')) as FloatType;
	const blockSize = values['block-size'] === undefined ? undefined : Number(values['block-size']);
	const size = Number(values.size ?? (values.track ? 336 : 1008));
	const runtime = await createNodeRuntime({ providers: [provider], threads: Number(values.threads) });
	const cache = await mkdtemp(join(tmpdir(), 'splazmatte-bench-'));
	try {
		const folder = values.weights ?? (await makeWeights(cache, values.track !== undefined));
		const kind = `${precision}${blockSize ? ` and 4 bits in blocks of ${blockSize}` : ''}`;
		console.log(`${size} pixels, ${provider}, ${kind}, ${values.threads} threads of ${cpus()[0]!.model}\n`);
		const open = { folder, cache, runtime, precision, blockSize, size };
		if (values.use) console.log(await useSam3(open));
		else if (values.track) console.log(await trackSam3(open, Number(values.track)));
		else {
			const checkpoint = await openCheckpoint(folder);
			const config = await readSam3Config(folder);
			const weights = checkpoint.tensors;
			const build: Sam3Build = { weights, config, size, precision, blockSize, provider };
			const wanted = values.parts?.split(',');
			const results: Measured[] = [];
			for (const part of partsOf(build, values.objects.split(',').map(Number))) {
				if (wanted && !wanted.includes(part.name)) continue;
				process.stderr.write(`${part.name}\n`);
				const other = values.against && `${values.against} ${part.name} ${size} ${values.rounds}`;
				results.push(await measurePart(part, { runtime, folder, cache }, Number(values.rounds), other));
			}
			console.log(partsTable(results));
		}
		console.log(`\npeak memory of the process: ${peakMegabytes().toFixed(0)} MB`);
	} finally {
		await rm(cache, { recursive: true });
	}
}

async function makeWeights(root: string, small: boolean): Promise<string> {
	if (small) {
		await writeSmallSam3(join(root, 'small'));
		return join(root, 'small');
	}
	const store = new ModelStore(root);
	const model = findModel('sam3')!;
	await makeStandIn(store, model);
	return store.folder(model);
}
