import { parseArgs } from 'node:util';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { createBench } from './bench.node.ts';
import { compare, type ParityModel } from './compare.ts';
import { matAnyoneParity } from './matanyone.ts';
import { opusParity } from './opus.ts';
import { parityFile } from './parity-file.ts';
import { sam3Parity } from './sam3.ts';
import { videoMaMaParity } from './videomama.ts';

/** `npm run parity -- FILE`: holds our graphs against what a model's public implementation computed. */

/** By the name that files give in their metadata. */
const models: Readonly<Record<string, ParityModel>> = {
	MatAnyone: matAnyoneParity,
	'SAM 3': sam3Parity,
	Marian: opusParity,
	VideoMaMa: videoMaMaParity
};

const usage = `npm run parity -- FILE [--precision float32|float16] [--block-size COLUMNS] [--frames COUNT]

Computes what FILE holds (a safetensors file of answers of a model's public implementation) with our graphs on the CPU, and prints the
largest and the mean absolute difference of each tensor. The exit code says whether all are within tolerance. With --block-size (16, 32,
64 or 128; SAM 3 only), large matrices are kept in 4 bits, with a scale for each block of so many columns.`;

async function main(): Promise<boolean> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			precision: { type: 'string', default: 'float32' },
			'block-size': { type: 'string' },
			frames: { type: 'string' },
			help: { type: 'boolean', short: 'h' }
		}
	});
	const [path] = positionals;
	const { precision } = values;
	if (values.help || !path || (precision !== 'float32' && precision !== 'float16')) {
		console.log(usage);
		return values.help === true;
	}
	const file = parityFile(await openCheckpoint(path));
	const model = models[file.model];
	if (!model) {
		console.error(`${file.model} is none of our models: ${Object.keys(models).join(', ')}`);
		return false;
	}
	const number = (text?: string) => (text === undefined ? undefined : Number(text));
	const [frames, blockSize] = [number(values.frames), number(values['block-size'])];
	const blocks = blockSize ? ` and 4 bits in blocks of ${blockSize}` : '';
	console.log(`${file.model} in ${precision}${blocks}, against ${file.source}\n`);
	console.log(`${'tensor'.padEnd(40)} ${'largest'.padStart(10)} ${'mean'.padStart(10)}`);
	const bench = await createBench(file.weights);
	let [within, count] = [0, 0];
	try {
		for await (const { name, largest, mean, ...result } of compare(file, model, bench.open, {
			precision,
			blockSize,
			frames
		})) {
			const numbers = [largest, mean].map((value) => value.toExponential(2).padStart(10)).join(' ');
			const verdict = result.within === undefined ? '  (not judged)' : result.within ? '' : '  OVER';
			console.log(`${name.padEnd(40)} ${numbers} ${verdict}`);
			if (result.within !== undefined) count++;
			if (result.within) within++;
		}
	} finally {
		await bench.dispose();
	}
	console.log(`\n${within} of ${count} tensors that were judged are within tolerance`);
	return within === count;
}

process.exitCode = (await main()) ? 0 : 1;
