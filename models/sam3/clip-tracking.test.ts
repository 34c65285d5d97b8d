import { beforeEach, describe, expect, it } from 'vitest';
import type { TimedFrame } from '../clip.ts';
import type { Frame, Mask } from '../frame.ts';
import type { TrackableClip, TrackRequest } from '../segmenter.ts';
import { trackTogether, type ClipTrackingParts } from './clip-tracking.ts';
import type { ConceptDetector } from './detect.ts';
import type { Halves } from './features.ts';
import { defaultSam3Options } from './options.ts';
import { fakeTracker, numberOf } from './tracker.fixture.ts';

const picture = { width: 56, height: 28 };
const click = (positive = true) => ({ kind: 'point', x: 28, y: 14, positive }) as const;
const clicked = (frame: number, positive = true) => ({ frame, prompts: [click(positive)] });
const given = (frame: number) => ({ frame, prompts: [], mask: whole });
const whole: Mask = { ...picture, data: new Uint8Array(56 * 28).fill(255) };
const example = { x: 1, y: 1, width: 5, height: 5, positive: true };

/** Of 8 x 8 pixels, where the tracker always finds a target everywhere: so few that it is another thing, or so many that it is the same. */
const detection = (pixels: number) => Float32Array.from({ length: 64 }, (_, i) => (i < pixels ? 5 : -5));

/** What was done, in short: frames encoded (`d` where the detector looks too), and prompts read. */
let log: string[];
let fake: ReturnType<typeof fakeTracker>;
/** Pixels of what is found on a frame; 0 for nothing. */
let pixelsOn: (frame: number) => number;
beforeEach(() => {
	log = [];
	fake = fakeTracker();
	pixelsOn = () => 6;
});

function clipOf(frames: number): TrackableClip {
	const frame = (index: number): TimedFrame => ({ ...picture, data: new Uint8Array(0), index, time: index });
	return {
		info: { ...picture, frames },
		frameAt: async (index) => frame(index),
		async *frames({ from = 0 } = {}) {
			for (let index = from; index < frames; index++) yield frame(index);
		},
		async *framesBackward({ before }) {
			for (let index = before - 1; index >= 0; index--) yield frame(index);
		}
	};
}

function parts(): ClipTrackingParts {
	const detector: Pick<ConceptDetector, 'read' | 'find'> = {
		async read({ examples }) {
			log.push(examples ? 'examples' : 'words');
			return { words: new Float32Array(1), ...(examples && { examples: new Float32Array(1) }) };
		},
		async find({ det: [level] }) {
			const pixels = pixelsOn(numberOf(level));
			return pixels > 0 ? [{ score: 0.95, box: [0, 0, 1, 1], logits: detection(pixels) }] : [];
		}
	};
	return {
		...{ model: fake.model, options: defaultSam3Options, detector: detector as ConceptDetector },
		async encode(frame: Frame, { detector = true }: Halves) {
			const { index } = frame as TimedFrame;
			log.push(`${index}${detector ? 'd' : ''}`);
			const { trk } = fake.featuresOf(index);
			return { trk, det: trk, dispose: () => undefined };
		}
	};
}

/** Frames as they come, with the ids on them. */
async function follow(request: TrackRequest, frames = 12, signal?: AbortSignal) {
	const found: string[] = [];
	for await (const { index, masks } of trackTogether(parts(), clipOf(frames), request, signal))
		found.push(`${index}: ${[...masks.keys()].join(' ')}`);
	return found;
}
const target = (...keyframes: TrackRequest['targets'][number]['keyframes']) => ({ id: 1, keyframes });
const each = (frames: readonly number[], ids: string) => frames.map((frame) => `${frame}: ${ids}`);
/** From a number to another, upward or downward. */
const range = (first: number, last: number) =>
	Array.from({ length: Math.abs(last - first) + 1 }, (_, i) => first + i * Math.sign(last - first));

describe('examples beside a target', () => {
	const both = (keyframe: number, exampleFrame: number, limits: { from?: number; to?: number } = {}) => ({
		targets: [target(clicked(keyframe))],
		concept: { examples: [example], frame: exampleFrame },
		...limits
	});

	it('that come later count in both directions', async () => {
		expect(await follow(both(1, 8))).toEqual(each([...range(8, 11), ...range(7, 0)], '1 2'));
		expect(log.filter((what) => what === 'examples')).toHaveLength(1);
	});

	it('that come earlier count in both directions', async () => {
		expect(await follow(both(8, 2))).toEqual(each([...range(2, 11), 1, 0], '1 2'));
	});

	it.each([
		['before both', 0, 0],
		['between them', 2, 5],
		['behind both', 10, 11]
	])('are seen where only frames %s are wanted', async (_, from, to) => {
		for (const request of [both(1, 8, { from, to }), both(8, 1, { from, to })]) {
			log = [];
			const found = await follow(request);
			expect(found.toSorted()).toEqual(each(range(from, to + 0.5), '1 2').toSorted());
			expect(log).toContain('examples');
		}
	});

	it('on the same thing do not give it twice, on whatever frame', async () => {
		pixelsOn = () => 60;
		for (const limits of [{}, { to: 5 }, { from: 9 }]) {
			const found = await follow(both(1, 8, limits));
			expect(new Set(found.map((frame) => frame.split(': ')[1]))).toEqual(new Set(['1']));
		}
	});
});

it('follows what examples found through a clip longer than an object is young', async () => {
	const found = await follow({ targets: [], concept: { examples: [example], frame: 20 } }, 40);
	expect(found).toEqual(each([...range(20, 39), ...range(19, 0)], '1'));
});

describe('words', () => {
	const words = 'a dog';

	it('are looked for on the frames that are wanted only, whenever the target begins', async () => {
		pixelsOn = (frame) => (frame === 8 || frame === 3 ? 6 : 0);
		const targets = [target(clicked(0))];
		expect(await follow({ targets, concept: { words }, from: 8, to: 10 })).toEqual(each([8, 9, 10], '1 2'));
		expect(log.filter((what) => what.endsWith('d'))).toEqual(['8d', '9d', '10d']);
		log = [];
		const late = [target(clicked(9))];
		expect(await follow({ targets: late, concept: { words }, from: 1, to: 3 })).toEqual(
			each([3, 2, 1], '1 2')
		);
		expect(log.filter((what) => what.endsWith('d'))).toEqual(['3d', '2d', '1d']);
	});

	it('do not give a target twice', async () => {
		pixelsOn = () => 60;
		const request = { targets: [target(clicked(5))], concept: { words } };
		expect(await follow(request)).toEqual(each([...range(5, 11), ...range(4, 0)], '1'));
	});

	it('beside examples: what was found goes on behind the turn, whatever was missed before it', async () => {
		// Missed for longer than hot-start forgives, long after it was found.
		pixelsOn = (frame) => (frame >= 40 && frame < 52 ? 0 : 60);
		const concept = { words, examples: [example], frame: 20 };
		const found = await follow({ targets: [], concept }, 60);
		expect(found).toEqual(each([...range(20, 59), ...range(19, 0)], '1'));
	});
});

describe('prompts on a later keyframe', () => {
	it('correct what is found there, when tracking comes to it, with a click on what is not the target alone', async () => {
		const request = { targets: [target(clicked(1), clicked(4, false))] };
		expect(await follow(request, 7)).toEqual(each([...range(1, 6), 0], '1'));
		const asked = fake.calls.filter(({ network }) => network === 'decoder');
		const frames = asked.map(({ feeds }) => Math.floor(numberOf(feeds.feature!)) % 1000);
		// The first is known before; the fourth is tracked, then corrected.
		expect(frames).toEqual([1, 2, 3, 4, 4, 5, 6, 0]);
		const [tracked, corrected] = asked.slice(3, 5).map(({ feeds }) => feeds);
		expect(tracked!.has_mask!.data[0]).toBe(0);
		expect(corrected!.has_mask!.data[0]).toBe(1);
		expect(numberOf(corrected!.mask_input!)).toBe(3);
	});

	it('are not asked where tracking does not come', async () => {
		await follow({ targets: [target(clicked(1), clicked(9))], to: 5 });
		expect(log).toEqual(['1', '2', '3', '4', '5', '0']);
	});

	it('are answered on the way from the last frame that is known to those that are wanted', async () => {
		const request = { targets: [target(clicked(0), given(4), clicked(6, false))], from: 8, to: 9 };
		expect(await follow(request)).toEqual(each([8, 9], '1'));
		expect(log).toEqual(['0', '4', '5', '6', '7', '8', '9']);
	});
});

it('encodes of the keyframes beyond the frames that are wanted only those that are ever in view', async () => {
	const request = { targets: [target(...range(4, 11).map(given))] };
	await follow({ ...request, to: 1 });
	expect(log).toEqual(['4', '5', '6', '7', '3', '2', '1', '0']);
	const seen = fake.calls.filter(({ network }) => network === 'memoryAttention');
	fake = fakeTracker();
	await follow(request);
	const all = fake.calls.filter(({ network }) => network === 'memoryAttention');
	expect(seen.map(({ feeds }) => feeds)).toEqual(all.map(({ feeds }) => feeds));
});

it('stops between keyframes when it is told to', async () => {
	const stop = new AbortController();
	const request = { targets: [target(given(2), given(5))] };
	const { encode, ...others } = parts();
	const stopping: ClipTrackingParts = {
		...others,
		encode: (frame, halves) => {
			stop.abort();
			return encode(frame, halves);
		}
	};
	const tracked = trackTogether(stopping, clipOf(9), request, stop.signal);
	await expect(tracked.next()).rejects.toMatchObject({ name: 'AbortError' });
	expect(log).toEqual(['2']);
});
