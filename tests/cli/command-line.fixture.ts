import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import type { Frame, Plane } from '../../models/frame.ts';
import { ProgressBar } from '../../server/cli/progress-bar.ts';
import { run } from '../../server/cli/run.ts';
import type { Terminal } from '../../server/cli/terminal.ts';
import { Words } from '../../server/cli/words.ts';
import { clickPoint, frameRate, openScene, scenes } from '../scenes/index.ts';
import { encodeJpeg, writeClip } from '../scenes/write-clip.ts';

const program = fileURLToPath(new URL('../../server/cli/splazmatte.mjs', import.meta.url));
const scene = scenes.find(({ id }) => id === 'plain')!;
export const size = { width: 320, height: 180 };
export const frames = 10;
export const clip = openScene(scene, size);
const { x, y } = clickPoint(scene, size);
/** A click on the target of the first frame. */
export const click = ['--point', `${x},${y}`];

/** Says how a command ended, and what it wrote to the terminal. */
interface Ended {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

interface Here {
	/** The folder of the models. */
	readonly weights?: string;
	/** Interrupts when this is said. */
	readonly abortAt?: string;
}

/** For a file of tests: a folder with `clip.mp4`, its first mask `mask.jpg`, `small.jpg` of half the size and `text.mp4`, no video. */
export function useCommandLine() {
	let folder: string;
	const at = (name: string) => join(folder, name);

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'splazmatte-cli-'));
		const pictures = Array.from({ length: frames }, (_, i) => clip.frame(i).composite);
		await writeClip(at('clip.mp4'), pictures, { frameRate, quality: 12, preset: 'veryfast' });
		await writeFile(at('mask.jpg'), await encodeJpeg(maskPicture()));
		await writeFile(at('small.jpg'), await encodeJpeg(maskPicture(160, 90)));
		await writeFile(at('text.mp4'), 'this is no video');
		await writeFile(at('settings.json'), '{}');
	});
	afterEach(() => void vi.unstubAllEnvs());
	afterAll(() => rm(folder, { recursive: true, force: true }));

	/** The settings of this machine are left out, and its graphics card. */
	function stubSettings(weights = 'weights'): void {
		for (const name of Object.keys(process.env))
			if (name.startsWith('SPLAZMATTE_')) vi.stubEnv(name, undefined);
		vi.stubEnv('SPLAZMATTE_CONFIG', at('settings.json'));
		vi.stubEnv('SPLAZMATTE_PROVIDERS', '');
		vi.stubEnv('SPLAZMATTE_WEIGHTS', at(weights));
		vi.stubEnv('SPLAZMATTE_WORKSPACE', at('workspace'));
	}

	/** Runs the command as a program of its own, in the test's folder. */
	function splazmatte(args: readonly string[], signalAt?: string): Promise<Ended> {
		stubSettings();
		const env = { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: '', LC_MESSAGES: '' };
		const child = spawn(process.execPath, [program, ...args], { cwd: folder, env });
		let out = '';
		let err = '';
		let signalled = false;
		child.stdout.on('data', (text) => (out += text));
		child.stderr.on('data', (text) => {
			err += text;
			if (signalAt && !signalled && err.includes(signalAt)) signalled = child.kill('SIGINT');
		});
		return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
	}

	/** Runs the command in this process, which begins quicker. Files are looked for, and written, in the test's folder. */
	async function here(args: readonly string[], { weights, abortAt }: Here = {}): Promise<Ended> {
		stubSettings(weights);
		const interrupt = new AbortController();
		let out = '';
		let err = '';
		const told = (text: string) => {
			err += text;
			if (abortAt && text.includes(abortAt)) interrupt.abort();
			return true;
		};
		const terminal: Terminal = {
			print: (line) => void (out += `${line}\n`),
			tell: (line) => void told(`${line}\n`),
			progressBar: () => new ProgressBar({ isTTY: false, write: told } as unknown as NodeJS.WriteStream),
			words: new Words('en')
		};
		const [command, clip, ...options] = args;
		const isFile = (i: number) => ['--mask', '--masks', '--out'].includes(options[i - 1] ?? '');
		const inFolder = options.map((word, i) => (isFile(i) ? at(word) : word));
		const code = await run([command!, at(clip!), ...inFolder], terminal, interrupt.signal);
		return { code, out: out.replaceAll(folder + sep, ''), err };
	}

	return { at, splazmatte, here };
}

/** Mean absolute difference of two planes, 0 to 1. */
export function difference(a: Plane, b: Plane): number {
	let sum = 0;
	for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
	return sum / (255 * a.data.length);
}

/** The alpha's binary mask as a grey picture. */
function maskPicture(width = size.width, height = size.height): Frame {
	const data = new Uint8Array(width * height * 4);
	const { alpha } = clip.frame(0);
	for (let i = 0; i < width * height; i++) data.fill(alpha.data[i]! >= 128 ? 255 : 0, i * 4, i * 4 + 4);
	return { width, height, data };
}
