import { describe, expect, it } from 'vitest';
import type { TimedFrame } from './clip.ts';
import type { Mask } from './frame.ts';
import type { Segmenter, TrackableClip, TrackRequest } from './segmenter.ts';
import { trackClip } from './track-clip.ts';

const size = { width: 64, height: 1 };
/** A mask of one pixel, which tells it from others. */
const maskOf = (place: number): Mask => ({
	...size,
	data: new Uint8Array(size.width).fill(255, place, place + 1)
});
const placeOf = (mask: Mask | undefined) => mask?.data.indexOf(255);

function clipOf(count: number, missing?: number) {
	const decoded: number[] = [];
	const frame = (index: number): TimedFrame => {
		decoded.push(index);
		return { ...size, data: new Uint8Array(4 * size.width), index, time: index / 10 };
	};
	const numbers = Array.from({ length: count }, (_, i) => i).filter((index) => index !== missing);
	const clip: TrackableClip = {
		info: { ...size, frames: count },
		frameAt: async (index) => (numbers.includes(index) ? frame(index) : undefined),
		async *frames({ from = 0 } = {}) {
			for (const index of numbers) if (index / 10 >= from) yield frame(index);
		},
		async *framesBackward({ before }) {
			for (const index of numbers.toReversed()) if (index / 10 < before) yield frame(index);
		}
	};
	return { clip, decoded };
}

/** Carries each seed's mask on; a click gives a mask that tells its place. Notes what it is asked. */
function fakeSegmenter() {
	const asked: string[] = [];
	const segmenter: Segmenter = {
		id: 'fake',
		prompts: ['point'],
		async encode(frame) {
			const { index } = frame as TimedFrame;
			asked.push(`encode ${index}`);
			return {
				async segment(prompts, _signal, mask) {
					const [prompt] = prompts;
					const x = prompt?.kind === 'point' ? prompt.x : 0;
					asked.push(`segment ${index} at ${x}${mask ? ' with a mask' : ''}`);
					return x === 0 ? [] : [{ mask: maskOf(10 + x), score: 1 }];
				},
				dispose: () => void asked.push(`leave ${index}`)
			};
		},
		async *track({ frame, mask }, frames) {
			const seed = (frame as TimedFrame).index;
			for await (const frame of frames) {
				asked.push(`${seed} to ${(frame as TimedFrame).index}`);
				yield mask;
			}
		},
		async dispose() {}
	};
	return { segmenter, asked };
}

const given = (frame: number, place: number) => ({ frame, prompts: [], mask: maskOf(place) });
const clicked = (frame: number, x: number, positive = true) => ({
	...{ frame, prompts: [{ kind: 'point', x, y: 0, positive }] as const }
});

async function run(request: TrackRequest, { clip, segmenter = fakeSegmenter().segmenter, signal }: Parts) {
	const frames: [index: number, ...places: (number | undefined)[]][] = [];
	const seen: [number, number][] = [];
	const onProgress = (done: number, total: number) => void seen.push([done, total]);
	for await (const { index, masks } of trackClip({ clip, segmenter, request, signal, onProgress }))
		frames.push([index, ...[...masks.keys()].sort().flatMap((id) => [id, placeOf(masks.get(id))])]);
	return { frames, seen };
}
interface Parts {
	readonly clip: TrackableClip;
	readonly segmenter?: Segmenter;
	readonly signal?: AbortSignal;
}

describe('trackClip with a segmenter that follows one target', () => {
	it('gives the frames from the first keyframe on, then those before it, newest first', async () => {
		const { clip, decoded } = clipOf(6);
		const { frames, seen } = await run(
			{ targets: [{ id: 4, keyframes: [given(2, 9), given(4, 8)] }] },
			{ clip }
		);
		expect(frames).toEqual([
			...[2, 3].map((index) => [index, 4, 9]),
			...[4, 5].map((index) => [index, 4, 8]),
			...[1, 0].map((index) => [index, 4, 9])
		]);
		expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
		expect(decoded).toEqual([2, 2, 3, 4, 5, 2, 1, 0]);
	});

	it('follows several targets on the same frames, each from its own keyframes', async () => {
		const { clip, decoded } = clipOf(5);
		const targets = [
			{ id: 1, keyframes: [given(1, 11)] },
			{ id: 2, keyframes: [given(3, 22)] }
		];
		const { frames } = await run({ targets }, { clip });
		expect(frames).toEqual([1, 2, 3, 4, 0].map((index) => [index, 1, 11, 2, 22]));
		expect(decoded.filter((index) => index === 2)).toHaveLength(2);
	});

	it('keeps to the range that is wanted', async () => {
		const { clip } = clipOf(9);
		const targets = [{ id: 1, keyframes: [given(4, 7)] }];
		const within = async (from: number, to: number) =>
			(await run({ targets, from, to }, { clip })).frames.map(([index]) => index);
		expect(await within(2, 5)).toEqual([4, 5, 3, 2]);
		expect(await within(6, 7)).toEqual([6, 7]);
		expect(await within(1, 2)).toEqual([2, 1]);
	});

	it('makes masks from prompts, once, and tells of targets that share a frame', async () => {
		const { clip } = clipOf(4);
		const { segmenter, asked } = fakeSegmenter();
		const targets = [
			{ id: 1, keyframes: [clicked(1, 1)] },
			{ id: 2, keyframes: [{ ...clicked(1, 2, false), mask: maskOf(5) }] },
			{ id: 3, keyframes: [given(3, 50)] }
		];
		const { frames } = await run({ targets }, { clip, segmenter });
		expect(frames).toEqual([1, 2, 3, 0].map((index) => [index, 1, 11, 2, 12, 3, 50]));
		expect(asked.filter((what) => /encode|segment|leave/.test(what))).toEqual([
			...['encode 1', 'segment 1 at 1', 'segment 1 at 2 with a mask', 'leave 1']
		]);
	});

	it('holds no more frames than it looks at', async () => {
		const { clip, decoded } = clipOf(100);
		const tracked = trackClip({
			...{ clip, segmenter: fakeSegmenter().segmenter },
			request: { targets: [{ id: 1, keyframes: [given(0, 1)] }] }
		});
		for (let i = 0; i < 10; i++) await tracked.next();
		expect(Math.max(...decoded)).toBeLessThan(15);
		await tracked.return();
	});

	it.each<[string, TrackRequest, string]>([
		['no target', { targets: [] }, 'keyframe-missing'],
		['a target without keyframes', { targets: [{ id: 1, keyframes: [] }] }, 'keyframe-missing'],
		['a keyframe behind the end', { targets: [{ id: 1, keyframes: [given(4, 1)] }] }, 'keyframe-missing'],
		['a click outside', { targets: [{ id: 1, keyframes: [clicked(0, 65)] }] }, 'prompt-outside'],
		['nothing that says where', { targets: [{ id: 1, keyframes: [clicked(0, 1, false)] }] }, 'prompt-empty'],
		['prompts where nothing is', { targets: [{ id: 1, keyframes: [clicked(0, 0)] }] }, 'mask-empty'],
		['words', { targets: [], concept: { words: 'a dog' } }, 'prompt-unknown'],
		[
			'a mask of another size',
			{
				targets: [
					{
						id: 1,
						keyframes: [{ frame: 0, prompts: [], mask: { width: 1, height: 1, data: Uint8Array.of(255) } }]
					}
				]
			},
			'mask-size'
		],
		[
			'an empty mask',
			{
				targets: [
					{ id: 1, keyframes: [{ frame: 0, prompts: [], mask: { ...size, data: new Uint8Array(64) } }] }
				]
			},
			'mask-empty'
		]
	])('refuses %s', async (_, request, code) => {
		await expect(run(request, { clip: clipOf(4).clip })).rejects.toMatchObject({ code });
	});

	it('does not go on over a missing frame', async () => {
		const request = { targets: [{ id: 1, keyframes: [given(0, 1)] }] };
		await expect(run(request, { clip: clipOf(5, 3).clip })).rejects.toMatchObject({
			...{ code: 'clip-damaged', params: { frame: 3 } }
		});
	});

	it('does not end where the clip ends too early as if nothing were', async () => {
		const request = { targets: [{ id: 1, keyframes: [given(0, 1)] }] };
		await expect(run(request, { clip: clipOf(5, 4).clip })).rejects.toMatchObject({
			...{ code: 'clip-damaged', params: { frame: 4 } }
		});
	});

	it('stops when it is told to', async () => {
		const request = { targets: [{ id: 1, keyframes: [given(0, 1)] }] };
		const signal = AbortSignal.abort();
		await expect(run(request, { clip: clipOf(5).clip, signal })).rejects.toThrow(/abort/i);
	});
});

describe('trackClip with a segmenter that follows all together', () => {
	it('leaves it to that, after a look at what is asked', async () => {
		const { clip } = clipOf(3);
		const requests: TrackRequest[] = [];
		const segmenter: Segmenter = {
			...fakeSegmenter().segmenter,
			async *trackClip(_, request) {
				requests.push(request);
				yield { index: 0, masks: new Map([[1, maskOf(3)]]) };
			}
		};
		const request = { targets: [], concept: { words: 'a dog' }, to: 0 };
		expect(await run(request, { clip, segmenter })).toEqual({
			...{
				frames: [[0, 1, 3]],
				seen: [
					[0, 1],
					[1, 1]
				]
			}
		});
		expect(requests).toEqual([request]);
		const corrected = { targets: [{ id: 1, keyframes: [given(0, 1), clicked(1, 1, false)] }], to: 0 };
		await run(corrected, { clip, segmenter });
		expect(requests.at(-1)).toEqual(corrected);
		const unsaid = { targets: [{ id: 1, keyframes: [given(0, 1), { frame: 1, prompts: [] }] }] };
		await expect(run(unsaid, { clip, segmenter })).rejects.toMatchObject({ code: 'prompt-empty' });
		const empty = { targets: [], concept: { words: ' ' } };
		await expect(run(empty, { clip, segmenter })).rejects.toMatchObject({ code: 'words-empty' });
	});
});
