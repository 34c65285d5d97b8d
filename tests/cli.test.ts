import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../models/frame.ts';
import { decodeFrames, meanDifference } from './e2e/clips.ts';
import { clickPoint, frameRate, openScene, scenes } from './scenes/index.ts';
import { encodeJpeg, writeClip } from './scenes/write-clip.ts';

const program = fileURLToPath(new URL('../server/cli/splazmatte.mjs', import.meta.url));
const scene = scenes.find(({ id }) => id === 'plain')!;
const size = { width: 320, height: 180 };
const frames = 10;
const clip = openScene(scene, size);

let folder: string;

/** Runs the command in the test's folder. */
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
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('splazmatte matte', () => {
	it('says how to get the weights that an engine needs', async () => {
		const args = ['matte', 'clip.mp4', '--mask', 'mask.jpg', '--engine', 'matanyone2'];
		const { code, err } = await splazmatte(args);
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
		const { code } = await splazmatte([
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
			'No mask lies inside the clip'
		],
		['a missing file', ['matte', 'none.mp4', '--point', '1,1'], 2, 'There is no file none.mp4'],
		['a wrong option', ['matte', 'clip.mp4', '--pointt', '1,1'], 2, 'Usage:']
	])('says what is wrong with %s', async (_, args, status, message) => {
		const { code, err } = await splazmatte([...args, '--out', 'bad']);
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
