import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSmallSam3 } from '../../models/sam3/small-checkpoint.fixture.node.ts';
import { readMaskFile } from '../../server/media/index.ts';
import { size, useCommandLine } from './command-line.fixture.ts';

const { at, here } = useCommandLine();

describe('with SAM 3, whose weights come from a formula', () => {
	const weights = 'sam3-weights';
	const box = ['--box', '60,30,120,110'];
	beforeAll(async () => {
		await writeSmallSam3(at('sam3-weights/sam3'), { sure: true });
		await writeSmallSam3(at('unsure-weights/sam3'));
	});

	it('takes it where it is, and says that its masks mean nothing', async () => {
		const { code, out, err } = await here(['segment', 'clip.mp4', ...box, '--out', 'sam3'], { weights });
		expect(err).toContain('with sam3 on cpu in float32');
		expect(err).toContain('stand-in weights');
		expect(code).toBe(0);
		expect(out).toBe(`${join('sam3', 'clip_mask.png')}\n`);
		expect(await readMaskFile(at('sam3/clip_mask.png'))).toMatchObject(size);
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
		expect(await readdir(at('corrected/clip_masks/1'))).toHaveLength(3);
	});

	it('says when nothing is what was described, and writes nothing', async () => {
		const described = ['segment', 'clip.mp4', '--text', 'a dog', '--out', 'nothing'];
		for (const args of [described, [...described, '--track', '--to', '1']]) {
			const { code, out, err } = await here(args, { weights: 'unsure-weights' });
			expect(err).toContain('Nothing was found that is what was looked for');
			expect([code, out]).toEqual([3, '']);
			expect(await readdir(at('nothing'))).toEqual([]);
		}
	});

	it('follows all that is what was described, each in a folder of its own', async () => {
		const args = ['--text', 'a dog', '--track', '--from', '1', '--to', '2', '--out', 'dogs'];
		const { code, out } = await here(['segment', 'clip.mp4', ...args], { weights });
		expect(code).toBe(0);
		const folders = out.trim().split('\n');
		for (const [i, name] of folders.entries()) {
			expect(name).toBe(join('dogs', 'clip_masks', String(i + 1)));
			expect((await readdir(at(name))).sort()).toEqual(['000001.png', '000002.png']);
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
