import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMaskFile } from '../../server/media/index.ts';
import { click, clip, difference, size, useCommandLine } from './command-line.fixture.ts';

const { at, here } = useCommandLine();

describe('splazmatte segment', () => {
	it('writes the mask of what was clicked on, and says what made it', async () => {
		const { code, out, err } = await here(['segment', 'clip.mp4', ...click, '--out', 'one']);
		expect(code).toBe(0);
		expect(out).toBe(`${join('one', 'clip_mask.png')}\n`);
		expect(err).toContain('with classic on CPU');
		const mask = await readMaskFile(at('one/clip_mask.png'));
		expect(mask).toMatchObject(size);
		expect(difference(mask, clip.frame(0).alpha)).toBeLessThan(0.03);
	});

	it('tracks it both ways, a mask for every frame that is wanted', async () => {
		const range = ['--frame', '4', '--track', '--from', '2', '--to', '7'];
		const { code, out, err } = await here(['segment', 'clip.mp4', ...click, ...range, '--out', 'tracked']);
		expect(code).toBe(0);
		expect(out).toBe(`${join('tracked', 'clip_masks', '1')}\n`);
		expect(err).toContain('seen on 6 of 6 frames');
		expect(await readdir(at('tracked'))).toEqual(['clip_masks']);
		const masks = at('tracked/clip_masks/1');
		expect((await readdir(masks)).sort()).toEqual([2, 3, 4, 5, 6, 7].map((i) => `00000${i}.png`));
		for (const i of [2, 7])
			expect(difference(await readMaskFile(join(masks, `00000${i}.png`)), clip.frame(i).alpha)).toBeLessThan(
				0.03
			);
	});

	it('replaces masks of its own, and nothing else', async () => {
		const track = (to: number) =>
			here(['segment', 'clip.mp4', ...click, '--track', '--to', `${to}`, '--out', 'again']);
		const masks = 'again/clip_masks/1';
		await track(1);
		expect((await track(2)).code).toBe(0);
		expect(await readdir(at(masks))).toHaveLength(3);

		await writeFile(at(`${masks}/retouched.psd`), 'by hand');
		const { code, err } = await track(0);
		expect(err).toContain(`${masks}/retouched.psd” stands where the masks would go`);
		expect(code).toBe(1);
		expect(await readdir(at(masks))).toHaveLength(4);
		expect(await readFile(at(`${masks}/retouched.psd`), 'utf8')).toBe('by hand');
		expect(await readdir(at('again'))).toEqual(['clip_masks']);
	});

	it.each<[string, string[], number, string]>([
		['a description that is empty', ['--text', ''], 2, '--text takes words'],
		['words without SAM 3', ['--text', 'the disc'], 1, 'SAM 3 is not installed'],
		['a click outside of the picture', ['--point', '-1,5'], 1, 'lies outside of the picture'],
		['an example of no size', ['--example', '5,5,0,9'], 2, 'a width and height above 0'],
		['a mask of another size', ['--mask', 'small.jpg', '--track'], 1, 'The mask is 160×90, the clip 320×180'],
		[
			'a mask to be corrected',
			['--mask', 'mask.jpg', '--negative', '5,5'],
			1,
			'classic does not understand corrections of a mask'
		],
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
		expect(await readdir(at('stopped'))).toEqual([]);
	});
});
