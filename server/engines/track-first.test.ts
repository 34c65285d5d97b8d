import { beforeEach, expect, it, vi } from 'vitest';
import type { TimedFrame } from '../../models/clip.ts';
import { decodeMask, encodeMask } from '../../models/mask.ts';
import { Meter } from '../../models/meter.ts';
import { JobProgress } from '../../models/progress.ts';
import type { Segmenter } from '../../models/segmenter.ts';
import { findKeyframes, type Keyframes } from '../../models/tracking.ts';
import type { ClipReader } from '../media/index.ts';
import type { KeptMasks, UnfinishedWork } from '../store/unfinished.ts';
import type { JobSpec } from './job-spec.ts';
import { trackFirst } from './track-first.ts';

const size = { width: 2, height: 1 };
const run = { segmenter: 'sam3', provider: 'fake', standIn: false } as const;
const seen = { ...size, data: Uint8Array.of(255, 0) };
const empty = { ...size, data: new Uint8Array(2) };

const log: string[] = [];
const segmenter: Segmenter = {
	...{ id: 'fake', prompts: [] },
	encode: () => Promise.reject(new Error('not asked for')),
	async *track(_, frames) {
		for await (const frame of frames) {
			log.push(`track ${(frame as TimedFrame).index}`);
			yield empty;
		}
	},
	async dispose() {}
};
vi.mock('./load.ts', () => ({ releaseEngine: async () => log.push('release engine') }));
vi.mock('./load-segmenter.ts', () => ({
	async loadSegmenter() {
		log.push('load segmenter');
		return { segmenter, run };
	},
	releaseSegmenter: async () => log.push('release segmenter')
}));
beforeEach(() => void log.splice(0));

const frames: TimedFrame[] = [0, 1, 2].map((index) => ({
	...{ ...size, data: new Uint8Array(8) },
	...{ index, time: index / 10 }
}));
const clip = {
	info: { ...size, frames: 3 },
	indexAt: (seconds: number) => Math.round(seconds * 10),
	frameAt: async (index: number) => frames[index],
	async *frames() {
		yield* frames;
	},
	async *framesBackward({ before }: { before: number }) {
		yield* frames.filter(({ time }) => time < before).reverse();
	}
} as unknown as ClipReader;

const known = (...indices: number[]) =>
	findKeyframes(
		indices.map((index) => ({ time: index / 10, mask: encodeMask(seen) })),
		clip,
		'every-frame'
	);

function begin(keyframes: Keyframes, kept?: KeptMasks) {
	const keepMasks = vi.fn();
	const unfinished = { masks: async () => kept, keepMasks } as unknown as UnfinishedWork;
	const spec = { engine: 'videomama', segmenter: 'sam3' } as JobSpec;
	const progress = new JobProgress(3, ({ stage, done }) => log.push(`${stage} ${done}`), { windowed: true });
	const tracked = trackFirst({ spec, clip, keyframes, unfinished, progress, meter: new Meter() });
	return { tracked, keepMasks };
}

const values = (masks: Keyframes) => [...masks.values()].map((mask) => decodeMask(mask.open()).data[0]);

it('has the memory for itself: the engine of a job before goes first, the segmenter before the engine comes', async () => {
	const { tracked, keepMasks } = begin(known(1));
	const { masks, run: told } = await tracked;
	expect(log).toEqual([
		...['release engine', 'load segmenter', 'track 0'],
		...['track 0', 'track 1', 'track 2', 'track 2', 'track 3'],
		...['load 0', 'release segmenter']
	]);
	expect(values(masks)).toEqual([0, 255, 0]);
	expect(told).toEqual(run);
	const [saved] = keepMasks.mock.calls[0] as [KeptMasks];
	expect([...saved.masks.keys()]).toEqual([0, 2]);
});

it('tracks nothing where every mask is known, or was tracked by a run before', async () => {
	const all = known(0, 1, 2);
	expect(await begin(all).tracked).toEqual({ masks: all });
	const rest = new Map([...all].filter(([index]) => index !== 1));
	const { masks, run: told } = await begin(known(1), { run, masks: rest }).tracked;
	expect([...masks.keys()]).toEqual([0, 1, 2]);
	expect(told).toEqual(run);
	expect(log).toEqual([]);
});

it('gives the memory back when tracking fails', async () => {
	const lost = { ...clip, frames: async function* () {} } as unknown as ClipReader;
	const keyframes = known(0);
	const job = { spec: { engine: 'videomama' } as JobSpec, clip: lost, keyframes, meter: new Meter() };
	const tracked = trackFirst({ ...job, progress: new JobProgress(3, () => {}) });
	await expect(tracked).rejects.toMatchObject({ code: 'clip-damaged' });
	expect(log.at(-1)).toBe('release segmenter');
});
