import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeGreyPng } from '../../models/png.ts';
import { decodeFrames, meanDifference } from '../e2e/clips.ts';
import { click, clip, frames, useCommandLine } from './command-line.fixture.ts';

const { at, splazmatte, here } = useCommandLine();

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
		const alpha = await decodeFrames(at('out/clip_alpha.mp4'), 1);
		expect(alpha.times).toEqual((await decodeFrames(at('clip.mp4'))).times);
		for (const [i, frame] of alpha.frames.entries()) {
			expect(meanDifference(frame, clip.frame(i).alpha), `frame ${i}`).toBeLessThan(0.02);
		}
	});

	it('mattes from masks of every frame, from a folder or a video, and says what does not fit', async () => {
		const alphas = Array.from({ length: frames }, (_, i) => clip.frame(i).alpha);
		await mkdir(at('masks'));
		for (const [i, alpha] of alphas.entries())
			await writeFile(at(`masks/m_${100 + i}.png`), (await encodeGreyPng(alpha)).stream());
		const args = (masks: string) => ['matte', 'clip.mp4', '--masks', masks, '--out', 'given', '--quiet'];
		expect((await here(args('masks'))).code).toBe(0);
		const matted = await decodeFrames(at('given/clip_alpha.mp4'), 1);
		expect(matted.frames).toHaveLength(frames);
		expect(meanDifference(matted.frames[9]!, alphas[9]!)).toBeLessThan(0.02);
		// The alpha that was written is a video of masks.
		await rename(at('given/clip_alpha.mp4'), at('alpha.mp4'));
		expect((await here(args('alpha.mp4'))).code).toBe(0);

		await writeFile(at('masks/m_110.png'), 'no picture');
		expect((await here(args('masks'))).err).toContain('11 masks, but the clip has only 10 frames');
		await rm(at('masks/m_104.png'));
		const { code, err } = await here(args('masks'));
		expect([code, err]).toEqual([1, expect.stringContaining('no mask for frame 4')]);
	});

	it('finds the target from a point on a later frame, and goes both ways', async () => {
		const { code } = await here(['matte', 'clip.mp4', ...click, '--frame', '4', '--out', 'point', '--quiet']);
		expect(code).toBe(0);
		const alpha = await decodeFrames(at('point/clip_alpha.mp4'), 1);
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
		['missing masks', ['matte', 'clip.mp4', '--masks', 'none'], 2, 'There is no file'],
		['a folder without masks', ['matte', 'clip.mp4', '--masks', '.'], 1, 'There are no pictures'],
		['masks that are no video', ['matte', 'clip.mp4', '--masks', 'text.mp4'], 1, 'not a video'],
		['a wrong option', ['matte', 'clip.mp4', '--pointt', '1,1'], 2, 'Usage:']
	])('says what is wrong with %s', async (_, args, status, message) => {
		const { code, err } = await here([...args, '--out', 'bad']);
		expect(err).toContain(message);
		expect(err).not.toMatch(/^\s+at /m);
		expect(code).toBe(status);
	});

	it('leaves nothing behind when it is interrupted', async () => {
		const { code } = await splazmatte(['matte', 'clip.mp4', '--mask', 'mask.jpg', '--out', 'cut'], 'Matting');
		expect(code).toBe(130);
		expect(await readdir(at('cut'))).toEqual([]);
	});
});
