import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeMask } from '../../models/mask.ts';
import type { Progress } from '../protocol/schema.ts';
import { agreement, discAt, discPace, discSize, makeDiscClip } from './disc.fixture.ts';
import type { JobHooks } from './run-job.ts';
import { runTrackJob } from './run-track.ts';
import type { TrackSpec } from './track-spec.ts';

const FRAMES = 8;
let folder: string;
let clip: string;
let directory: string;
let jobs = 0;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-track-'));
	clip = await makeDiscClip(folder, FRAMES);
});
beforeEach(async () => {
	directory = join(folder, String(++jobs));
	await mkdir(directory);
});
afterAll(() => rm(folder, { recursive: true }));

const clicked = (index: number) => ({
	time: discPace * index,
	prompts: [{ kind: 'point', ...discAt(index), positive: true } as const]
});

const run = (changes: Partial<TrackSpec> = {}, hooks: JobHooks = {}) =>
	runTrackJob(
		{
			...{ clip, directory, name: 'track', segmenter: 'classic' },
			targets: [{ id: 5, keyframes: [clicked(3)] }],
			...changes
		},
		hooks
	);

/** The masks of the target on every frame of the file, by the frame's number. */
async function masks(): Promise<[number, number[]][]> {
	const [, ...lines] = (await readFile(join(directory, 'track_masks.jsonl'), 'utf8')).trimEnd().split('\n');
	return lines.map((line) => {
		const { frame, masks } = JSON.parse(line) as { frame: number; masks: Record<string, number[]> };
		return [frame, masks[5]!];
	});
}

describe('a tracking job', () => {
	it('follows a target from a click in the middle to both ends', async () => {
		const stages: Progress['stage'][] = [];
		const outcome = await run({}, { onProgress: ({ stage }) => stages.push(stage) });
		expect(outcome).toMatchObject({
			results: [{ kind: 'masks', file: 'track_masks.jsonl' }],
			notices: [],
			record: { segmenter: 'classic', standIn: false, frames: FRAMES, targets: 1, ...discSize }
		});
		const seen = await masks();
		expect(seen.map(([frame]) => frame)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		for (const [index, counts] of seen) {
			expect(agreement(decodeMask({ ...discSize, counts }), index), `frame ${index}`).toBeGreaterThan(0.97);
		}
		expect(stages.filter((stage, index) => stage !== stages[index - 1])).toEqual(['load', 'track', 'finish']);
	});

	it('writes the range that is wanted', async () => {
		await run({ from: discPace * 2, to: discPace * 4 });
		expect((await masks()).map(([frame]) => frame)).toEqual([2, 3, 4]);
	});

	it.each<[string, Partial<TrackSpec>, string]>([
		['a keyframe behind the end', { targets: [{ id: 5, keyframes: [clicked(30)] }] }, 'keyframe-missing'],
		['words for a segmenter that reads none', { concept: { what: { words: 'disc' } } }, 'prompt-unknown']
	])('refuses %s, and leaves nothing', async (_, changes, code) => {
		await expect(run(changes)).rejects.toMatchObject({ code });
		expect(await readdir(directory)).toEqual([]);
	});

	it('that is cancelled leaves nothing', async () => {
		const stop = new AbortController();
		const onProgress = ({ done }: Progress) => done === 3 && stop.abort();
		await expect(run({}, { signal: stop.signal, onProgress })).rejects.toMatchObject({ name: 'AbortError' });
		expect(await readdir(directory)).toEqual([]);
	});
});
