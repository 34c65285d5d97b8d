import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMask } from '../../models/mask.ts';
import type { SegmentAnswer } from '../protocol/prompts.ts';
import { agreement, discAt, makeDiscClip } from './disc.fixture.ts';
import type { SegmentSpec } from './segment-spec.ts';
import { answerPrompts } from './segment.ts';

let folder: string;
let clip: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-prompts-'));
	clip = await makeDiscClip(folder, 4);
});
afterAll(() => rm(folder, { recursive: true }));

const ask = (changes: Partial<SegmentSpec> = {}): Promise<SegmentAnswer> =>
	answerPrompts({
		...{ segmenter: 'classic', clip, time: 0, keep: { milliseconds: 60_000, bytes: 1e8 } },
		prompts: [{ kind: 'point', ...discAt(3), positive: true }],
		...changes
	});

describe('prompts on a clip', () => {
	it('are answered on the frame that is meant, which then is ready', async () => {
		const first = await ask({ time: 0.13 });
		expect(first).toMatchObject({
			segmenter: 'classic',
			standIn: false,
			frame: 3,
			time: 0.12,
			cached: false
		});
		expect(agreement(decodeMask(first.candidates[0]!.mask), 3)).toBeGreaterThan(0.98);
		expect(first.candidates[0]!.box!.x).toBeCloseTo(40, -1);
		const second = await ask({ time: 0.12 });
		expect(second).toMatchObject({ cached: true, milliseconds: { read: 0, encode: 0 } });
		expect(second.candidates).toEqual(first.candidates);
		expect(await ask({ time: 0 })).toMatchObject({ frame: 0, cached: false });
	});

	it.each<[string, Partial<SegmentSpec>, string]>([
		['behind the end', { time: 9 }, 'keyframe-missing'],
		[
			'with words for a segmenter that reads none',
			{ prompts: undefined, concept: { words: 'disc' } },
			'prompt-unknown'
		],
		['on a file that is none', { clip: 'nowhere.mp4' }, 'clip-missing']
	])('%s are refused', async (_, changes, code) => {
		await expect(ask(changes)).rejects.toMatchObject({ code });
	});
});
