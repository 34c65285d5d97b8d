// How fast MatAnyone's networks run, without decoding and writing: `npm run bench -- matanyone --help`.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { Size } from '../../models/frame.ts';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { buildMatAnyone } from '../../models/matanyone/graph.ts';
import { MatAnyoneLoop } from '../../models/matanyone/loop.ts';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import type { FloatType } from '../../models/onnx/types.ts';
import type { Provider } from '../../models/provider.ts';
import { findModel } from '../../models/registry.ts';
import { createNodeRuntime, type NodeRuntime } from '../../models/runtime.node.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import { openNetworks } from '../../models/weights/networks.node.ts';
import { median, megabytes } from './measure.ts';
import { table } from './report.ts';

const help = `npm run bench -- matanyone [options]
Runs MatAnyone's graphs over stand-in weights, which cost what trained ones do.
  --provider P      cpu, cuda or webgpu (default: cpu)
  --precision P     float32 or float16 (default: float32 on cpu, else float16)
  --sizes WxH,WxH   multiples of 16 (default: 512x288,864x480 on cpu, else 1280x720,1920x1088)
  --frames N        frames of a round (default: 10)
  --rounds N        rounds, of which the median counts (default: 3)
  --warmup N        predictions of the first frame before the one that counts (default: 10)
  --threads N       of the CPU (default: all cores)
  --against COMMAND another implementation, in turn with ours: a command that is given WIDTH HEIGHT FRAMES and prints the seconds of
                    each frame, one a line`;

const options = {
	provider: { type: 'string', default: 'cpu' },
	precision: { type: 'string' },
	sizes: { type: 'string' },
	frames: { type: 'string', default: '10' },
	rounds: { type: 'string', default: '3' },
	warmup: { type: 'string', default: String(defaultMatAnyoneOptions.warmup) },
	threads: { type: 'string', default: String(cpus().length) },
	against: { type: 'string' },
	help: { type: 'boolean', default: false }
} as const;

interface Plan {
	readonly precision: FloatType;
	readonly frames: number;
	readonly rounds: number;
	readonly warmup: number;
	readonly against?: string;
}

interface Measured {
	readonly size: Size;
	/** From the files to the first frame's alpha, in seconds. */
	readonly firstFrame: number;
	/** Seconds a frame: the median of each round. */
	readonly ours: number[];
	readonly theirs: number[];
	/** Memory of the process in MB, at frame 50 and at the end. */
	readonly memory: { readonly early: number; readonly late: number };
}

/** @param args what follows the benchmark's name on the command line */
export async function benchMatAnyone(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options });
	if (values.help) return console.log(help);
	const provider = values.provider as Provider;
	const precision = (values.precision ?? (provider === 'cpu' ? 'float32' : 'float16')) as FloatType;
	const usual = provider === 'cpu' ? '512x288,864x480' : '1280x720,1920x1088';
	const sizes = (values.sizes ?? usual).split(',').map((size) => {
		const [width, height] = size.split('x').map(Number) as [number, number];
		return { width, height };
	});
	const [frames, rounds] = [Number(values.frames), Number(values.rounds)];
	const plan = { precision, frames, rounds, warmup: Number(values.warmup), against: values.against };
	const runtime = await createNodeRuntime({ providers: [provider], threads: Number(values.threads) });
	const folder = await mkdtemp(join(tmpdir(), 'splazmatte-bench-'));
	try {
		const store = new ModelStore(folder);
		const model = findModel('matanyone2')!;
		await makeStandIn(store, model);
		const results: Measured[] = [];
		for (const size of sizes) results.push(await measure(runtime, store.folder(model), size, plan));
		console.log(`${provider}, ${precision}, ${values.threads} threads of ${cpus()[0]!.model}\n`);
		console.log(report(results));
	} finally {
		await rm(folder, { recursive: true });
	}
}

async function measure(
	runtime: NodeRuntime,
	folder: string,
	size: Size,
	{ precision, frames, rounds, warmup, against }: Plan
): Promise<Measured> {
	const started = performance.now();
	const checkpoint = await openCheckpoint(folder);
	const graphs = { ...buildMatAnyone(checkpoint.tensors, { ...size, precision }) };
	const networks = await openNetworks(runtime, graphs, { checkpoint, folder, cache: folder });
	const loop = new MatAnyoneLoop(networks, size, { ...defaultMatAnyoneOptions, warmup });
	for await (const alpha of loop.begin(frame(size, 0), disc(size))) void alpha;
	const firstFrame = (performance.now() - started) / 1000;

	let index = 1;
	// The memory bank is full then: a frame is as costly as it gets.
	for (; index < 50; index++) await loop.next(frame(size, index));
	const early = megabytes();
	const [ours, theirs]: [number[], number[]] = [[], []];
	for (let round = 0; round < rounds; round++) {
		const seconds: number[] = [];
		for (let i = 0; i < frames; i++) {
			const rgb = frame(size, index++);
			const start = performance.now();
			await loop.next(rgb);
			seconds.push((performance.now() - start) / 1000);
		}
		ours.push(median(seconds));
		if (against) theirs.push(median(await runOther(against, size, frames)));
	}
	const late = megabytes();
	loop.dispose();
	await Promise.all(Object.values(networks).map((network) => network.release()));
	return { size, firstFrame, ours, theirs, memory: { early, late } };
}

async function runOther(command: string, { width, height }: Size, frames: number): Promise<number[]> {
	const child = spawn(`${command} ${width} ${height} ${frames}`, {
		...{ shell: true, stdio: ['ignore', 'pipe', 'inherit'] as const }
	});
	const seconds = (await text(child.stdout!)).trim().split('\n').map(Number);
	if (seconds.length === 0 || seconds.some((value) => !(value > 0)))
		throw new Error(`${command} printed no seconds`);
	return seconds;
}

function report(results: readonly Measured[]): string {
	return table(
		['size', 'first frame', 's/frame', 'frames/s', 'the other, s/frame', 'times faster', 'memory, MB'],
		results.map(({ size, firstFrame, ours, theirs, memory }) => {
			const [own, other] = [median(ours), theirs.length > 0 ? median(theirs) : undefined];
			return [
				`${size.width}x${size.height}`,
				`${firstFrame.toFixed(2)} s`,
				own.toFixed(3),
				(1 / own).toFixed(2),
				other?.toFixed(3) ?? '',
				other ? (other / own).toFixed(2) : '',
				`${memory.early.toFixed(0)} → ${memory.late.toFixed(0)}`
			];
		})
	);
}

/** A picture that moves. */
function frame({ width, height }: Size, index: number): Uint8Array {
	const rgb = new Uint8Array(width * height * 3);
	for (let i = 0; i < rgb.length; i++) rgb[i] = 128 + 90 * Math.sin((i + 9 * index) / 39);
	return rgb;
}

function disc({ width, height }: Size): Float32Array {
	return Float32Array.from({ length: width * height }, (_, i) =>
		Math.hypot((i % width) - width / 2, Math.floor(i / width) - height / 2) < height / 4 ? 1 : 0
	);
}
