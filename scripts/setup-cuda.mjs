// `npm run setup:cuda`: puts ONNX Runtime's CUDA provider beside onnxruntime-node's library, and says what else CUDA needs. Run it again at
// any time: what is there already is not fetched again, and nothing is removed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	copyFileSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	statfsSync,
	statSync
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cudaProblem, cudaProviderFiles, runtimeFolder } from '../models/cuda.node.ts';
import { createNodeRuntime } from '../models/runtime.node.ts';
import { giveUp, say } from './setup.mjs';

/** The provider as the npm registry has it; built from the release of ONNX Runtime that it names, for CUDA 13 and cuDNN 9. */
const source = {
	package: 'com.github.asus4.onnxruntime.linux-x64-gpu',
	version: '0.4.9',
	runtime: '1.29.0',
	/** The archive's SHA-512 as it was when this was written: it holds native code, which nothing else vouches for. */
	sha512: 'FopIhNE/Ng+v2X65wVc9clPCBCvhvA53Hxo2U0Kf5fGdVsC7iCA+mZ0KLWggcQAj7TIZ6pNidR4AC10g74Xo6w=='
};
const inside = 'package/Plugins/Linux/x64';
/** Bytes that the archive and what is in it take. */
const SPACE = 700e6;

const folder = runtimeFolder();
const target = (file) => path.join(folder, file);

try {
	await setUp();
} catch (error) {
	giveUp(error.message);
}

async function setUp() {
	if (`${process.platform} ${process.arch}` !== 'linux x64') {
		throw new Error(
			`ONNX Runtime has CUDA for Linux on x64 only; this is ${process.platform} ${process.arch}.`
		);
	}
	const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json');
	if (version !== source.runtime) {
		throw new Error(
			`The provider is for onnxruntime-node ${source.runtime}, but ${version} is installed. Run npm ci first.`
		);
	}
	if (cudaProviderFiles.every((file) => existsSync(target(file)))) say('The CUDA provider is there already.');
	else fetchProvider();
	await report();
}

function fetchProvider() {
	const scratch = mkdtempSync(path.join(tmpdir(), 'splazmatte-cuda-'));
	try {
		const { bavail, bsize } = statfsSync(scratch);
		if (bavail * bsize < SPACE) {
			throw new Error(`${scratch} has less than ${SPACE / 1e6} MB free. Set TMPDIR to another disk.`);
		}
		const name = `${source.package}@${source.version}`;
		say(`Fetching ${name} from the npm registry (164 MB)`);
		const [{ filename }] = JSON.parse(
			command('npm', ['pack', name, '--json', '--pack-destination', scratch])
		);
		const archive = path.join(scratch, filename);
		if (createHash('sha512').update(readFileSync(archive)).digest('base64') !== source.sha512) {
			throw new Error(`What the registry sent as ${name} is not what it should be; nothing was installed.`);
		}
		say('Unpacking');
		const members = cudaProviderFiles.map((file) => `${inside}/${file}`);
		command('tar', ['-xzf', archive, '-C', scratch, ...members]);
		for (const file of cudaProviderFiles) place(path.join(scratch, inside, file), target(file));
		say(`The CUDA provider is in ${folder}`);
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
}

/** Copies under another name and renames, so that a library is there whole or not at all. */
function place(from, to) {
	const part = `${to}.part`;
	copyFileSync(from, part);
	if (statSync(part).size !== statSync(from).size) {
		throw new Error(`${to} could not be written: is the disk full?`);
	}
	renameSync(part, to);
}

/** Runs a program to its end; answers what it printed. */
function command(program, args) {
	const { status, stdout, stderr, error } = spawnSync(program, args, {
		encoding: 'utf8',
		maxBuffer: 2 ** 24
	});
	if (status === 0) return stdout;
	throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr.trim()}`);
}

/** Says what is still missing, or, when nothing is, whether a network runs. */
async function report() {
	const problem = cudaProblem();
	if (!problem) {
		const { provider, reasons } = await createNodeRuntime({ providers: ['cuda', 'cpu'] });
		if (provider !== 'cuda') throw new Error(`CUDA is there but does not run: ${JSON.stringify(reasons[0])}`);
		say('A network ran on CUDA. Start the server again to use it.');
		return;
	}
	const help = {
		'cuda-no-driver':
			'There is no NVIDIA driver (libcuda.so.1). Install version 580 or newer, which CUDA 13 needs.',
		'cuda-no-library': libraryHelp(String(problem.params.library))
	};
	throw new Error(help[problem.code] ?? JSON.stringify(problem));
}

function libraryHelp(library) {
	const whole = library.startsWith('libcudnn') ? 'cuDNN 9 for CUDA 13' : 'the CUDA 13 toolkit';
	return [
		`${library} is missing: it belongs to ${whole}. Install it from NVIDIA's repository,`,
		'  https://developer.nvidia.com/cuda-downloads and https://developer.nvidia.com/cudnn-downloads,',
		'or into a folder of your own, whose path the server finds in LD_LIBRARY_PATH:',
		'  pip install --target cuda nvidia-cublas nvidia-cuda-runtime nvidia-curand nvidia-cufft nvidia-cuda-nvrtc nvidia-cudnn-cu13',
		'  export LD_LIBRARY_PATH="$(find "$PWD/cuda/nvidia" -name lib -type d | paste -sd:)"'
	].join('\n');
}
