import { describe, expect, it } from 'vitest';
import type { Clip, TimedFrame } from './clip.ts';
import type { Alpha, Mask } from './frame.ts';
import { decodeMask, encodeMask } from './mask.ts';
import { matteClip, type Engine, type UnfinishedMatte } from './matte-clip.ts';
import { defaultMatteOptions, type Matter, type MatterCheckpoint } from './matter.ts';
import { Meter } from './meter.ts';
import { packedText, packMask } from './packed-mask.ts';
import { JobProgress, type Progress } from './progress.ts';
import { ClipTracker, findKeyframes } from './tracking.ts';

const size = { width: 2, height: 1 };

/** A clip of ten frames a second, from which some may be missing. */
function clipOf(count: number, missing: readonly number[] = []): Clip {
	const frame = (index: number): TimedFrame => ({
		...size,
		data: new Uint8Array(8),
		index,
		time: index / 10
	});
	const all = Array.from({ length: count }, (_, i) => frame(i)).filter(
		({ index }) => !missing.includes(index)
	);
	return {
		info: { ...size, frames: count },
		indexAt: (seconds) => (seconds * 10 > count ? undefined : Math.round(seconds * 10)),
		frameAt: async (index) => all.find((each) => each.index === index),
		async *frames() {
			yield* all;
		},
		async *framesBackward({ before }) {
			yield* all.filter(({ time }) => time < before).reverse();
		}
	};
}

const maskOf = (value: number): Mask => ({ ...size, data: Uint8Array.of(value, 255) });

/** Tracks by carrying the seed's mask on, and gives each mask out as the alpha; what it followed is noted. */
function engineOf(
	masks: 'keyframes' | 'every-frame',
	alphaOf = (mask: Mask | undefined) => mask ?? maskOf(0)
) {
	const followed: [seed: number, frame: number][] = [];
	const engine: Engine = {
		segmenter: {
			id: 'fake',
			prompts: [],
			encode: () => Promise.reject(new Error('not asked for')),
			async *track({ frame: seed, mask }, frames) {
				for await (const frame of frames) {
					followed.push([(seed as TimedFrame).index, (frame as TimedFrame).index]);
					yield mask;
				}
			},
			async dispose() {}
		},
		matter: {
			id: 'fake',
			masks,
			window: 1,
			maxPixels: 100,
			async *matte(inputs) {
				for await (const { frame, mask } of inputs) yield { frame, alpha: alphaOf(mask) };
			},
			dispose() {}
		}
	};
	return { engine, followed };
}

async function run(
	clip: Clip,
	engine: Engine,
	keyframes: { time: number; mask: Mask }[],
	unfinished?: UnfinishedMatte
) {
	const written: [index: number, value: number][] = [];
	const seen: Progress[] = [];
	const outcome = await matteClip({
		clip,
		keyframes: findKeyframes(
			keyframes.map(({ time, mask }) => ({ time, mask: encodeMask(mask) })),
			clip,
			engine.matter.masks
		),
		engine,
		options: defaultMatteOptions,
		write: async ({ index }, { data }) => void written.push([index, data[0]!]),
		progress: new JobProgress(clip.info.frames, (progress) => seen.push(progress)),
		meter: new Meter(),
		unfinished
	});
	return { outcome, written, seen };
}

describe('matteClip', () => {
	it('tracks from each keyframe to the next, and backward from the first', async () => {
		const { engine, followed } = engineOf('every-frame');
		const { outcome, written } = await run(clipOf(6), engine, [
			{ time: 0.4, mask: maskOf(0) },
			{ time: 0.2, mask: maskOf(255) }
		]);
		expect(outcome).toEqual({ frames: 6, lost: 0 });
		expect(followed).toEqual([
			[2, 1],
			[2, 0],
			[2, 3],
			[4, 5]
		]);
		expect(written).toEqual([
			[0, 255],
			[1, 255],
			[2, 255],
			[3, 255],
			[4, 0],
			[5, 0]
		]);
	});

	it('takes masks that follow each other as they are, and tracks only what lies between them', async () => {
		const { engine, followed } = engineOf('every-frame');
		const masks = [undefined, 10, 20, 30, undefined, undefined, 40, undefined, 50, 60, undefined];
		const known = masks.flatMap((value, i) => (value ? [{ time: i / 10, mask: maskOf(128 + value) }] : []));
		const { written } = await run(clipOf(11), engine, known);
		expect(followed).toEqual([
			[1, 0],
			[3, 4],
			[3, 5],
			[6, 7],
			[9, 10]
		]);
		expect(written.map(([index]) => index)).toEqual(masks.map((_, i) => i));
		followed.length = 0;
		const all = masks.map((_, i) => ({ time: i / 10, mask: maskOf(255) }));
		await run(clipOf(11), engine, all);
		expect(followed).toEqual([]);
	});

	it('believes masks that show nothing, and goes on from those that do', async () => {
		const { engine, followed } = engineOf('every-frame');
		const empty = { ...size, data: new Uint8Array(2) };
		const masks = [empty, empty, maskOf(255), maskOf(255), empty];
		const { outcome } = await run(
			clipOf(7),
			engine,
			masks.map((mask, i) => ({ time: i / 10, mask }))
		);
		expect(outcome).toEqual({ frames: 7, lost: 3 });
		expect(followed).toEqual([
			[3, 4],
			[3, 5],
			[3, 6]
		]);
	});

	it('gives an engine that tracks by itself the keyframes only', async () => {
		const { engine, followed } = engineOf('keyframes');
		const { written, seen } = await run(clipOf(3), engine, [{ time: 0.1, mask: maskOf(255) }]);
		expect(followed).toEqual([]);
		expect(written.map(([, value]) => value)).toEqual([0, 255, 0]);
		expect(seen.map(({ stage, done }) => [stage, done])).toEqual(
			[0, 1, 1, 2, 3].map((done) => ['matte', done])
		);
	});

	it('counts the frames in which nothing of the target is left', async () => {
		const empty = { ...size, data: new Uint8Array(2) };
		const { engine } = engineOf('keyframes', (mask) => mask ?? empty);
		const { outcome } = await run(clipOf(4), engine, [{ time: 0, mask: maskOf(255) }]);
		expect(outcome).toEqual({ frames: 4, lost: 3 });
	});

	it.each([
		['every-frame', 0],
		['keyframes', 0],
		['keyframes', 0.4]
	] as const)('does not go on over a missing frame: masks for %s, from %d s', async (masks, time) => {
		const { engine } = engineOf(masks);
		await expect(run(clipOf(5, [3]), engine, [{ time, mask: maskOf(255) }])).rejects.toMatchObject({
			code: 'clip-damaged',
			params: { frame: 3 }
		});
	});
});

describe('a matter that resumes', () => {
	/** Gives two frames at a time, each with the number of its window, which it remembers in its state. */
	const matter: Matter = {
		id: 'windows',
		masks: 'every-frame',
		window: 2,
		resumes: true,
		maxPixels: 100,
		async *matte(inputs, _, { from, frames, onCheckpoint, onStep } = {}) {
			let window = from?.state[0] ?? 0;
			let index = 0;
			for await (const { frame, known } of inputs) {
				if (!known && index % 2 === 0) {
					if (index > 0) await onCheckpoint!({ frames: index, state: Uint8Array.of(window) });
					window++;
					onStep!({ window, windows: Math.ceil(frames! / 2), stage: 'denoise', share: index / frames! });
				}
				index++;
				yield { frame, alpha: known ?? maskOf(window) };
			}
		},
		dispose() {}
	};

	/** Keeps alphas and the last checkpoint in memory; the disk is full behind a frame. */
	class Kept implements UnfinishedMatte {
		frames = 0;
		from: MatterCheckpoint | undefined;
		readonly alphas = new Map<number, Alpha>();

		constructor(public full = Infinity) {}

		async read(index: number) {
			return this.alphas.get(index)!;
		}

		async write(index: number, alpha: Alpha) {
			if (index >= this.full) throw new Error('the disk is full');
			this.alphas.set(index, alpha);
		}

		async keep(checkpoint: MatterCheckpoint) {
			this.from = checkpoint;
			this.frames = checkpoint.frames;
		}
	}

	const keyframes = Array.from({ length: 7 }, (_, i) => ({ time: i / 10, mask: maskOf(255) }));
	const values = [1, 1, 2, 2, 3, 3, 4];

	it('goes on where it was interrupted, with the alphas that are there', async () => {
		const kept = new Kept(5);
		await expect(run(clipOf(7), { matter }, keyframes, kept)).rejects.toThrow('the disk is full');
		expect(kept.frames).toBe(4);
		const again = new Kept();
		Object.assign(again, { frames: kept.frames, from: kept.from });
		for (const [index] of kept.alphas) if (index < 4) again.alphas.set(index, maskOf(9));
		const { outcome, written, seen } = await run(clipOf(7), { matter }, keyframes, again);
		expect(outcome.frames).toBe(7);
		expect(written.map(([, value]) => value)).toEqual([9, 9, 9, 9, 3, 3, 4]);
		expect([...again.alphas.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6]);
		expect(seen.find(({ step }) => step)?.step).toMatchObject({ window: 3, windows: 4 });
	});

	it('does the same without anything kept', async () => {
		const whole = await run(clipOf(7), { matter }, keyframes, new Kept());
		expect(whole.written.map(([, value]) => value)).toEqual(values);
	});
});

describe('ClipTracker.trackAll', () => {
	it('looks at every frame without a mask, and leaves those that are known', async () => {
		const { engine, followed } = engineOf('every-frame');
		const clip = clipOf(7);
		const known = [2, 3, 5].map((i) => ({ time: i / 10, mask: encodeMask(maskOf(i === 5 ? 0 : 255)) }));
		const keyframes = findKeyframes(known, clip, 'every-frame');
		const tracker = new ClipTracker(clip, keyframes, engine.segmenter, new Meter());
		const seen: number[] = [];
		const masks = await tracker.trackAll((done) => seen.push(done));
		expect(followed.map(([, frame]) => frame)).toEqual([1, 0, 4, 6]);
		expect([...masks.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6]);
		expect([...masks.values()].map((mask) => decodeMask(mask.open()).data[0])).toEqual(
			[1, 1, 1, 1, 1, 0, 0].map((value) => 255 * value)
		);
		expect(masks.get(2)).toBe(keyframes.get(2));
		expect(seen).toEqual(Array.from({ length: tracker.framesUnknown }, (_, i) => i + 1));
	});

	it.each([1, 3])('has nothing to do where all of %d masks are known', async (frames) => {
		const clip = clipOf(frames);
		const all = Array.from({ length: frames }, (_, i) => ({ time: i / 10, mask: encodeMask(maskOf(255)) }));
		const tracker = new ClipTracker(clip, findKeyframes(all, clip), undefined, new Meter());
		expect(tracker.framesUnknown).toBe(0);
		expect((await tracker.trackAll(() => {})).size).toBe(frames);
	});

	it('says which frame is missing', async () => {
		const { engine } = engineOf('every-frame');
		const clip = clipOf(5, [3]);
		const keyframes = findKeyframes([{ time: 0, mask: encodeMask(maskOf(255)) }], clip);
		const tracker = new ClipTracker(clip, keyframes, engine.segmenter, new Meter());
		await expect(tracker.trackAll(() => {})).rejects.toMatchObject({
			code: 'clip-damaged',
			params: { frame: 3 }
		});
	});
});

describe('findKeyframes', () => {
	it.each([
		['of another size', 0, { width: 1, height: 1, data: Uint8Array.of(255) }, 'mask-size'],
		['that is empty', 0, { ...size, data: new Uint8Array(2) }, 'mask-empty'],
		['behind the end', 9, maskOf(255), 'keyframe-missing']
	])('refuses a mask %s', (_, time, mask, code) => {
		expect(() => findKeyframes([{ time, mask: encodeMask(mask) }], clipOf(3))).toThrow(
			expect.objectContaining({ code })
		);
	});

	it('takes masks that are packed, and for an engine that needs every frame empty ones beside others', () => {
		const mask = encodeMask(maskOf(255));
		const packed = packedText(packMask(mask));
		const empty = { ...size, counts: [2] };
		const given = [
			{ time: 0.1, mask: packed },
			{ time: 0, mask: empty }
		];
		const found = findKeyframes(given, clipOf(3), 'every-frame');
		expect([...found].map(([index, mask]) => [index, mask.open()])).toEqual([
			[0, empty],
			[1, mask]
		]);
		const refused = expect.objectContaining({ code: 'mask-empty' }) as Error;
		expect(() => findKeyframes(given, clipOf(3), 'keyframes')).toThrow(refused);
		expect(() => findKeyframes(given.slice(1), clipOf(3), 'every-frame')).toThrow(refused);
	});

	it('needs one', () => {
		expect(() => findKeyframes([], clipOf(3))).toThrow(expect.objectContaining({ code: 'keyframe-missing' }));
	});
});
