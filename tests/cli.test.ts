import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Frame, Plane } from '../models/frame.ts';
import { writeSmallSam3 } from '../models/sam3/small-checkpoint.fixture.node.ts';
import { ProgressBar } from '../server/cli/progress-bar.ts';
import { run } from '../server/cli/run.ts';
import type { Terminal } from '../server/cli/terminal.ts';
import { Words } from '../server/cli/words.ts';
import { readMaskFile } from '../server/media/index.ts';
import { decodeFrames, meanDifference } from './e2e/clips.ts';
import { clickPoint, frameRate, openScene, scenes } from './scenes/index.ts';
import { encodeJpeg, writeClip } from './scenes/write-clip.ts';

const program = fileURLToPath(new URL('../server/cli/splazmatte.mjs', import.meta.url));
const scene = scenes.find(({ id }) => id === 'plain')!;
const size = { width: 320, height: 180 };
const frames = 10;
const clip = openScene(scene, size);

let folder: string;

/** Runs the command as a program of its own, in the test's folder. */
function splazmatte(args: readonly string[], signalAt?: string) {
	const env = {
		...process.env,
		...{ LANG: 'en_US.UTF-8', LC_ALL: '', SPLAZMATTE_WEIGHTS: join(folder, 'weights') }
	};
	const child = spawn(process.execPath, [program, ...args], { cwd: folder, env });
	let out = '';
	let err = '';
	let signalled = false;
	child.stdout.on('data', (text) => (out += text));
	child.stderr.on('data', (text) => {
		err += text;
		if (signalAt && !signalled && err.includes(signalAt)) signalled = child.kill('SIGINT');
	});
	return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
		child.on('close', (code) => resolve({ code, out, err }))
	);
}

/** Runs the command in this process, which begins quicker. Files are looked for, and written, in the test's folder. */
async function here(args: readonly string[], { weights = 'weights', abortAt }: Here = {}) {
	vi.stubEnv('SPLAZMATTE_WEIGHTS', join(folder, weights));
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
	const isFile = (i: number) => ['--mask', '--out'].includes(options[i - 1] ?? '');
	const inFolder = options.map((word, i) => (isFile(i) ? join(folder, word) : word));
	const code = await run([command!, join(folder, clip!), ...inFolder], terminal, interrupt.signal);
	return { code, out: out.replaceAll(folder + sep, ''), err };
}
interface Here {
	/** The folder of the models. */
	readonly weights?: string;
	/** Interrupts when this is said. */
	readonly abortAt?: string;
}

/** Mean absolute difference of two planes, 0 to 1. */
function difference(a: Plane, b: Plane): number {
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

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-cli-'));
	const pictures = Array.from({ length: frames }, (_, i) => clip.frame(i).composite);
	await writeClip(join(folder, 'clip.mp4'), pictures, { frameRate, quality: 12, preset: 'veryfast' });
	await writeFile(join(folder, 'mask.jpg'), await encodeJpeg(maskPicture()));
	await writeFile(join(folder, 'small.jpg'), await encodeJpeg(maskPicture(160, 90)));
	await writeFile(join(folder, 'text.mp4'), 'this is no video');
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('splazmatte matte', () => {
	it('says how to get the weights that an engine needs', async () => {
		const args = ['matte', 'clip.mp4', '--mask', 'mask.jpg', '--engine', 'matanyone2'];
		const { code, err } = await here(args);
		expect(code).toBe(1);
		expect(err).toMatch(/MatAnyone 2 is not installed.*npm run models -- pull/);
	});

	it('mattes a clip from a mask and writes every frame', async () => {
		const { code, out, err } = await splazmatte([
			'matte',
			'clip.mp4',
			'--mask',
			'mask.jpg',
			'--out',
			'out',
			'--format',
			'png'
		]);
		expect(err).toContain(`${frames} frames in`);
		expect(code).toBe(0);
		expect(out.trim().split('\n')).toEqual(
			['alpha.mp4', 'foreground.mp4', 'preview.mp4', 'png.zip'].map((end) => join('out', `clip_${end}`))
		);
		const alpha = await decodeFrames(join(folder, 'out/clip_alpha.mp4'), 1);
		expect(alpha.times).toEqual((await decodeFrames(join(folder, 'clip.mp4'))).times);
		for (const [i, frame] of alpha.frames.entries()) {
			expect(meanDifference(frame, clip.frame(i).alpha), `frame ${i}`).toBeLessThan(0.02);
		}
	});

	it('finds the target from a point on a later frame, and goes both ways', async () => {
		const { x, y } = clickPoint(scene, size);
		const { code } = await here([
			'matte',
			'clip.mp4',
			'--point',
			`${x},${y}`,
			'--frame',
			'4',
			'--out',
			'point',
			'--quiet'
		]);
		expect(code).toBe(0);
		const alpha = await decodeFrames(join(folder, 'point/clip_alpha.mp4'), 1);
		expect(alpha.frames).toHaveLength(frames);
		expect(meanDifference(alpha.frames[0]!, clip.frame(0).alpha)).toBeLessThan(0.03);
		expect(meanDifference(alpha.frames[9]!, clip.frame(9).alpha)).toBeLessThan(0.03);
	});

	it.each([
		[
			'a file that is no video',
			['matte', 'text.mp4', '--point', '1,1'],
			1,
			'is not a video that can be read'
		],
		[
			'a mask of another size',
			['matte', 'clip.mp4', '--mask', 'small.jpg'],
			1,
			'The mask is 160×90, the clip 320×180'
		],
		['a mask that is no picture', ['matte', 'clip.mp4', '--mask', 'text.mp4'], 1, 'cannot be read as a mask'],
		[
			'a frame behind the end',
			['matte', 'clip.mp4', '--point', '1,1', '--frame', '99'],
			1,
			'There is no frame 99: the clip has 10'
		],
		[
			'a click outside of the picture',
			['matte', 'clip.mp4', '--point', '400,90'],
			1,
			'lies outside of the picture (320×180)'
		],
		['words without SAM 3', ['matte', 'clip.mp4', '--text', 'the disc'], 1, 'SAM 3 is not installed'],
		['a missing file', ['matte', 'none.mp4', '--point', '1,1'], 2, 'There is no file'],
		['a wrong option', ['matte', 'clip.mp4', '--pointt', '1,1'], 2, 'Usage:']
	])('says what is wrong with %s', async (_, args, status, message) => {
		const { code, err } = await here([...args, '--out', 'bad']);
		expect(err).toContain(message);
		expect(err).not.toMatch(/^\s+at /m);
		expect(code).toBe(status);
	});

	it('leaves nothing behind when it is interrupted', async () => {
		const { code } = await splazmatte(
			['matte', 'clip.mp4', '--mask', 'mask.jpg', '--out', 'cut'],
			'Tracking'
		);
		expect(code).toBe(130);
		expect(await readdir(join(folder, 'cut'))).toEqual([]);
	});
});

describe('splazmatte segment', () => {
	const { x, y } = clickPoint(scene, size);
	const click = ['--point', `${x},${y}`];

	it('writes the mask of what was clicked on, and says what made it', async () => {
		const { code, out, err } = await here(['segment', 'clip.mp4', ...click, '--out', 'one']);
		expect(code).toBe(0);
		expect(out).toBe(`${join('one', 'clip_mask.png')}\n`);
		expect(err).toContain('with classic on CPU');
		const mask = await readMaskFile(join(folder, 'one/clip_mask.png'));
		expect(mask).toMatchObject(size);
		expect(difference(mask, clip.frame(0).alpha)).toBeLessThan(0.03);
	});

	it('tracks it both ways, a mask for every frame that is wanted', async () => {
		const range = ['--frame', '4', '--track', '--from', '2', '--to', '7'];
		const { code, out, err } = await here(['segment', 'clip.mp4', ...click, ...range, '--out', 'tracked']);
		expect(code).toBe(0);
		expect(out).toBe(`${join('tracked', 'clip_masks', '1')}\n`);
		expect(err).toContain('seen on 6 of 6 frames');
		expect(await readdir(join(folder, 'tracked'))).toEqual(['clip_masks']);
		const masks = join(folder, 'tracked/clip_masks/1');
		expect((await readdir(masks)).sort()).toEqual([2, 3, 4, 5, 6, 7].map((i) => `00000${i}.png`));
		for (const i of [2, 7])
			expect(difference(await readMaskFile(join(masks, `00000${i}.png`)), clip.frame(i).alpha)).toBeLessThan(
				0.03
			);
	});

	it.each<[string, string[], number, string]>([
		['a description that is empty', ['--text', ''], 2, '--text takes words'],
		['words without SAM 3', ['--text', 'the disc'], 1, 'SAM 3 is not installed'],
		['a click outside of the picture', ['--point', '-1,5'], 1, 'lies outside of the picture'],
		['an example of no size', ['--example', '5,5,0,9'], 2, 'a width and height above 0'],
		['a mask of another size', ['--mask', 'small.jpg', '--track'], 1, 'The mask is 160×90, the clip 320×180'],
		['a mask to be corrected', ['--mask', 'mask.jpg', '--negative', '5,5'], 1, 'classic does not understand'],
		['a range behind the end', [...click, '--track', '--to', '10'], 1, 'There is no frame 10']
	])('says what is wrong with %s', async (_, args, status, message) => {
		const { code, err } = await here(['segment', 'clip.mp4', ...args, '--out', 'wrong']);
		expect(err).toContain(message);
		expect(err).not.toMatch(/^\s+at /m);
		expect(code).toBe(status);
	});

	it('leaves nothing behind when it is interrupted', async () => {
		const args = ['segment', 'clip.mp4', ...click, '--track', '--out', 'stopped'];
		const { code } = await here(args, { abortAt: 'Tracking' });
		expect(code).toBe(130);
		expect(await readdir(join(folder, 'stopped'))).toEqual([]);
	});
});

describe('with SAM 3, whose weights come from a formula', () => {
	const weights = 'sam3-weights';
	const box = ['--box', '60,30,120,110'];
	beforeAll(async () => {
		await writeSmallSam3(join(folder, weights, 'sam3'), { sure: true });
		await writeSmallSam3(join(folder, 'unsure-weights', 'sam3'));
	});

	it('takes it where it is, and says that its masks mean nothing', async () => {
		const { code, out, err } = await here(['segment', 'clip.mp4', ...box, '--out', 'sam3'], { weights });
		expect(err).toContain('with sam3 on cpu in float32');
		expect(err).toContain('stand-in weights');
		expect(code).toBe(0);
		expect(out).toBe(`${join('sam3', 'clip_mask.png')}\n`);
		expect(await readMaskFile(join(folder, 'sam3/clip_mask.png'))).toMatchObject(size);
	});

	it('writes every reading of a click', async () => {
		const { out } = await here(['segment', 'clip.mp4', '--point', '160,90', '--all', '--out', 'all'], {
			weights
		});
		expect(out.trim().split('\n')).toEqual([1, 2, 3].map((i) => join('all', `clip_mask_${i}.png`)));
	});

	it('corrects a mask, and tracks it', async () => {
		const args = ['--mask', 'mask.jpg', '--negative', '5,5', '--track', '--to', '2', '--out', 'corrected'];
		const { code, err } = await here(['segment', 'clip.mp4', ...args], { weights });
		expect(err).toMatch(/seen on \d of 3 frames/);
		expect(code).toBe(0);
		expect(await readdir(join(folder, 'corrected/clip_masks/1'))).toHaveLength(3);
	});

	it('says when nothing is what was described, and writes nothing', async () => {
		const described = ['segment', 'clip.mp4', '--text', 'a dog', '--out', 'nothing'];
		for (const args of [described, [...described, '--track', '--to', '1']]) {
			const { code, out, err } = await here(args, { weights: 'unsure-weights' });
			expect(err).toContain('Nothing was found that is what was looked for');
			expect([code, out]).toEqual([3, '']);
			expect(await readdir(join(folder, 'nothing'))).toEqual([]);
		}
	});

	it('follows all that is what was described, each in a folder of its own', async () => {
		const args = ['--text', 'a dog', '--track', '--from', '1', '--to', '2', '--out', 'dogs'];
		const { code, out } = await here(['segment', 'clip.mp4', ...args], { weights });
		expect(code).toBe(0);
		const folders = out.trim().split('\n');
		for (const [i, name] of folders.entries()) {
			expect(name).toBe(join('dogs', 'clip_masks', String(i + 1)));
			expect((await readdir(join(folder, name))).sort()).toEqual(['000001.png', '000002.png']);
		}
	});

	it('says how long a description may be', async () => {
		const args = ['segment', 'clip.mp4', '--text', 'dog '.repeat(200), '--track', '--out', 'nothing'];
		const { code, err } = await here(args, { weights });
		expect(err).toContain('the model reads 30');
		expect(code).toBe(1);
	});

	it('mattes one of the things that were found', async () => {
		const args = ['matte', 'clip.mp4', '--example', '60,30,120,110', '--out', 'found'];
		const { code, err } = await here(args, { weights });
		expect(err).toMatch(/^Found \d/);
		expect(err).toMatch(/with classic on .*, tracked by sam3/);
		expect(code).toBe(0);
		const missing = await here([...args, '--match', '999'], { weights });
		expect(missing.err).toContain('There is no match 999');
		expect(missing.code).toBe(1);
	});
});
