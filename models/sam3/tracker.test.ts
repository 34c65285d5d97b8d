import { describe, expect, it } from 'vitest';
import type { Prompt } from '../segmenter.ts';
import { FramePrompts } from './frame-prompts.ts';
import {
	defaultSam3Options,
	transformersOptions,
	type PromptOptions,
	type TrackingOptions
} from './options.ts';
import { fakeTracker, firsts, numberOf, type FakeAnswer } from './tracker.fixture.ts';
import { VideoTracker } from './tracker.ts';

const click = (x: number, y: number, positive = true): Prompt => ({ kind: 'point', x, y, positive });

function trackerOf(
	tracking: Partial<TrackingOptions> = {},
	answer?: (frame: number, object: number) => FakeAnswer,
	bank?: { maps: number; pointers: number },
	prompts: Partial<PromptOptions> = {}
) {
	const fake = fakeTracker(answer);
	const options = {
		prompts: { ...defaultSam3Options.prompts, ...prompts },
		tracking: { ...defaultSam3Options.tracking, ...tracking }
	};
	const tracker = new VideoTracker({ ...fake.model, bank }, options, 300);
	const { featuresOf, picture } = fake;
	return {
		...{ ...fake, tracker },
		prompt: (id: number, frame: number, prompts = [click(28, 14)]) =>
			tracker.addPrompts(id, frame, featuresOf(frame), { prompts, picture }),
		track: (frame: number, options?: Parameters<VideoTracker['track']>[2]) =>
			tracker.track(featuresOf(frame), frame, options)
	};
}

describe('following objects', () => {
	it('answers a prompt without memory, then tracks by what it remembers of it', async () => {
		const { prompt, track, calls, last } = trackerOf();
		const answer = await prompt(1, 3);
		expect(numberOf(last('decoder').feature!)).toBe(3.5);
		expect(answer).toMatchObject({ id: 1, score: 3, logits: new Float32Array(64).fill(3) });
		expect(last('memoryEncoder').binarise!.data[0]).toBe(1);

		expect(await track(3)).toEqual([answer]);
		expect(calls).toHaveLength(2);

		const [tracked] = await track(4);
		expect(firsts(last('memoryAttention').memory!)).toEqual([3]);
		expect(firsts(last('memoryAttention').memory_row!)).toEqual([6]);
		expect(last('memoryAttention').pointer_age!.data[0]).toBeCloseTo(1 / 15);
		expect(numberOf(last('decoder').feature!)).toBe(1004);
		expect([...(last('decoder').labels!.data as BigInt64Array)]).toEqual([-1n, -1n]);
		expect(last('memoryEncoder').binarise!.data[0]).toBe(0);
		// The pointer is the best mask's.
		expect(tracked).toMatchObject({ id: 1, pointer: Float32Array.of(4.25, 4.25) });

		await track(5);
		expect(firsts(last('memoryAttention').memory!)).toEqual([3, 4]);
		expect(firsts(last('memoryAttention').memory_row!)).toEqual([6, 0]);
		expect(firsts(last('memoryAttention').pointers!)).toEqual([4.25, 3.25]);
	});

	it('computes objects together whose memories have one layout', async () => {
		const { prompt, track, calls } = trackerOf({ batch: 2 });
		for (const id of [1, 2, 3]) await prompt(id, 0);
		await prompt(4, 1);
		const sizes = (name: string) =>
			calls.splice(0).flatMap(({ network, feeds }) => (network === name ? [feeds.memory!.dims[0]] : []));
		sizes('memoryAttention');
		expect((await track(2)).map(({ id }) => id)).toEqual([1, 2, 3, 4]);
		expect(sizes('memoryAttention')).toEqual([2, 2]);
		const found = await track(3, { ids: [4, 1] });
		expect(found.map(({ id }) => id)).toEqual([4, 1]);
		expect(sizes('memoryAttention')).toEqual([2]);
		await prompt(5, 3);
		await track(4);
		expect(sizes('memoryAttention')).toEqual([2, 2, 1]);
	});

	it('fills a bank of a fixed size up with what is not valid', async () => {
		const { prompt, track, last } = trackerOf({}, undefined, { maps: 3, pointers: 2 });
		await prompt(1, 0);
		await prompt(2, 1);
		await track(1);
		await track(2);
		const { memory, memory_valid, pointers, pointer_valid, pointer_age } = last('memoryAttention');
		expect(firsts(memory!)).toEqual([0, 1, 0, 1, 0, 0]);
		expect(firsts(memory_valid!)).toEqual([1, 1, 0, 1, 0, 0]);
		expect(firsts(pointers!)).toEqual([1.25, 0.25, 1.25, 0]);
		expect(firsts(pointer_valid!)).toEqual([1, 1, 1, 0]);
		expect(firsts(pointer_age!).map((age) => Math.round(15 * age))).toEqual([1, 2, 1, 0]);
		for (const frame of [3, 4, 5]) await track(frame);
		expect(firsts(last('memoryAttention').memory!)).toEqual([0, 4, 3, 1, 4, 3]);
	});

	it('takes a mask as it is, and asks the decoder only for its pointer', async () => {
		const { tracker, featuresOf, last } = trackerOf();
		const data = new Uint8Array(56 * 28).fill(255, 0, 28 * 28);
		const answer = await tracker.addMask(1, 5, featuresOf(5), { width: 56, height: 28, data });
		expect(answer.score).toBe(10);
		expect([answer.logits[0], answer.logits[63]]).toEqual([10, -10]);
		expect(answer.pointer).toEqual(Float32Array.of(5.25, 5.25));
		expect(numberOf(last('decoder').feature!)).toBe(5);
		expect(numberOf(last('decoder').mask_input!)).toBe(1);
		expect(numberOf(last('maskMemory').score!)).toBe(10);
		// Memory sees the mask at its full size, 16 pixels for each place of the grid.
		const remembered = last('maskMemory').mask!;
		expect(remembered.dims).toEqual([1, 1, 32, 32]);
		expect([0, 15, 16, 31].map((y) => remembered.data[32 * y])).toEqual([1, 1, 0, 0]);

		const empty = { width: 56, height: 28, data: new Uint8Array(56 * 28) };
		const none = await tracker.addMask(2, 5, featuresOf(5), empty);
		expect(none).toMatchObject({ score: -10, pointer: Float32Array.of(-1, -1) });
	});

	it('forgets an object that is removed, and takes others at any time', async () => {
		const { tracker, prompt, track, last } = trackerOf();
		await prompt(1, 0);
		await track(1);
		await prompt(7, 2);
		tracker.remove(1);
		expect((await track(3)).map(({ id }) => id)).toEqual([7]);
		expect(firsts(last('memoryAttention').memory!)).toEqual([2]);
	});
});

describe('an object out of sight', () => {
	const hidden = (frame: number) => (frame > 3 ? { score: -2 } : {});

	it('has no mask, and the pointer of nothing', async () => {
		const { prompt, track } = trackerOf({}, hidden);
		await prompt(1, 0);
		const [seen] = await track(3);
		expect(seen!.logits[0]).toBe(3);
		const [gone] = await track(4);
		expect(gone).toMatchObject({ score: -2, pointer: Float32Array.of(-1, -1) });
		expect(gone!.logits.every((logit) => logit === -1024)).toBe(true);
	});

	it('is looked for by what it looked like when it was last seen, however long ago', async () => {
		const { prompt, track, last, tracker } = trackerOf({}, hidden);
		await prompt(1, 0);
		for (let frame = 1; frame < 250; frame++) await track(frame);
		expect(firsts(last('memoryAttention').memory!)).toEqual([0, 248, 3, 2, 1]);
		expect(tracker.held.maps).toBeLessThan(10);
	});
});

describe('corrections', () => {
	const clicks = [click(30, 14), click(10, 5, false)];

	it('condition what follows, and outdo what was remembered around them', async () => {
		const { prompt, track, last } = trackerOf();
		await prompt(1, 0);
		for (let frame = 1; frame <= 12; frame++) await track(frame);
		await prompt(1, 9, clicks);
		expect(numberOf(last('decoder').feature!)).toBe(9.5);
		await track(10);
		expect(firsts(last('memoryAttention').memory!)).toEqual([0, 9, 1]);
	});

	it('by a mask outdo what was remembered around them, too', async () => {
		const { prompt, track, tracker, featuresOf, last } = trackerOf();
		await prompt(1, 0);
		for (let frame = 1; frame <= 12; frame++) await track(frame);
		const mask = { width: 28, height: 28, data: new Uint8Array(28 * 28).fill(255) };
		await tracker.addMask(1, 9, featuresOf(9), mask);
		await track(10);
		expect(firsts(last('memoryAttention').memory!)).toEqual([0, 9, 1]);
	});

	it('can see the memory, and leave it as it is', async () => {
		const { prompts, tracking } = transformersOptions;
		const { prompt, track, last } = trackerOf(tracking);
		await prompt(1, 0);
		for (let frame = 1; frame <= 4; frame++) await track(frame);
		expect(prompts.refine).toBe(false);
		await prompt(1, 3, clicks);
		expect(numberOf(last('decoder').feature!)).toBe(1003);
		expect(firsts(last('memoryAttention').memory!)).toEqual([0, 2, 1]);
		await track(4);
		expect(firsts(last('memoryAttention').memory_row!)).toEqual([6, 0, 1, 2]);
	});

	it('refine what tracking has just found, where no mask is given; negative ones do so alone', async () => {
		const { prompt, track, last } = trackerOf();
		await prompt(1, 0);
		for (let frame = 1; frame <= 5; frame++) await track(frame);
		await prompt(1, 5, [click(10, 5, false)]);
		expect(last('decoder').has_mask!.data[0]).toBe(1);
		expect(numberOf(last('decoder').mask_input!)).toBe(3);
		expect(numberOf(last('decoder').feature!)).toBe(5.5);
		await track(6);
		expect(firsts(last('memoryAttention').memory!)).toEqual([0, 5]);
		// What was found on frames before is not known any longer.
		await expect(prompt(1, 4, [click(10, 5, false)])).rejects.toMatchObject({ code: 'prompt-empty' });
	});

	it('bring back what tracking lost', async () => {
		const { prompt, track, last } = trackerOf({}, (frame) => ({ score: frame === 2 ? -2 : 3 }));
		await prompt(1, 0);
		await track(1);
		const [lost] = await track(2);
		expect(lost!.logits[0]).toBe(-1024);
		const answer = await prompt(1, 2);
		expect(numberOf(last('decoder').mask_input!)).toBe(-32);
		expect(answer.logits[0]).toBe(3);
	});

	it('are answered from nothing where they are not to refine', async () => {
		const { prompt, track, last } = trackerOf({}, undefined, undefined, { refine: false });
		await prompt(1, 0);
		await track(1);
		await prompt(1, 1, clicks);
		expect(last('decoder').has_mask!.data[0]).toBe(0);
	});

	it('refuse a mask of another size than the picture', async () => {
		const { tracker, featuresOf, picture } = trackerOf();
		const mask = { width: 28, height: 28, data: new Uint8Array(28 * 28) };
		const said = { prompts: clicks, mask, picture };
		await expect(tracker.addPrompts(1, 0, featuresOf(0), said)).rejects.toThrow('mask-size');
	});

	it('force what is painted', async () => {
		const { prompt } = trackerOf({}, () => ({ logits: [-1, -1, -1, -1] }));
		const points = [[3.5, 1.75]] as const;
		const { logits } = await prompt(1, 0, [{ kind: 'stroke', points, radius: 3, positive: true }]);
		expect([...logits.subarray(0, 3)]).toEqual([10, -1, -1]);
	});
});

describe('a prompted object that the decoder does not see', () => {
	const unseen = () => ({ score: -2 });

	it('is there, since its mask is shown to the user, too', async () => {
		const { prompt, last, model, featuresOf, picture } = trackerOf({}, unseen);
		const answer = await prompt(1, 0);
		expect(answer).toMatchObject({ score: 10, pointer: Float32Array.of(0.25, 0.25) });
		expect(numberOf(last('memoryEncoder').score!)).toBe(10);
		const frame = new FramePrompts(model, featuresOf(0), picture, defaultSam3Options.prompts);
		const [shown] = await frame.segment([click(28, 14)]);
		expect(shown!.mask.data.every((value) => value === 255)).toBe(true);
		expect(answer.logits.every((logit) => logit > 0)).toBe(true);
	});

	it('is not there where answers are gated', async () => {
		const { prompt } = trackerOf({}, unseen, undefined, { gate: true });
		const { logits, score } = await prompt(1, 0);
		expect([score, logits[0]]).toEqual([-2, -1024]);
	});

	it('is not there where nothing is shown, either', async () => {
		const { prompt } = trackerOf({}, () => ({ score: -2, logits: [-1, -1, -1, -1] }));
		expect(await prompt(1, 0)).toMatchObject({ score: -2, pointer: Float32Array.of(-1, -1) });
	});
});

describe('tracking that is stopped', () => {
	it('finds no further objects', async () => {
		const stop = new AbortController();
		const { prompt, track, calls } = trackerOf({ batch: 1 }, (frame) => {
			if (frame === 1) stop.abort(new Error('no longer wanted'));
			return {};
		});
		for (const id of [1, 2, 3]) await prompt(id, 0);
		await expect(track(1, { signal: stop.signal })).rejects.toThrow('no longer wanted');
		expect(calls.filter(({ network }) => network === 'memoryAttention')).toHaveLength(1);
	});

	it('remembers no further objects, and takes none', async () => {
		const { prompt, tracker, featuresOf, calls } = trackerOf();
		await prompt(1, 0);
		const [found] = await tracker.propagate(featuresOf(1), 1);
		calls.splice(0);
		const signal = AbortSignal.abort(new Error('no longer wanted'));
		const entry = { ...found!, binarise: false, conditioning: false };
		await expect(tracker.remember(featuresOf(1), 1, [entry], signal)).rejects.toThrow('no longer');
		const mask = { width: 1, height: 1, data: Uint8Array.of(255) };
		await expect(tracker.add(featuresOf(1), 1, [{ id: 2, mask }], signal)).rejects.toThrow('no longer');
		expect(calls).toEqual([]);
		expect(tracker.ids).toEqual([1]);
	});
});

describe('tracking in both directions', () => {
	it('goes on from the first prompt backward with what was tracked forward', async () => {
		const { prompt, track, last } = trackerOf();
		await prompt(1, 10);
		for (let frame = 11; frame <= 40; frame++) await track(frame);
		await track(9, { reverse: true });
		expect(firsts(last('memoryAttention').memory!)).toEqual([10, 11, 12, 13, 14, 15]);
		await track(8, { reverse: true });
		expect(firsts(last('memoryAttention').memory!)).toEqual([10, 9, 11, 12, 13, 14, 15]);
		expect(firsts(last('memoryAttention').pointers!).slice(0, 3)).toEqual([9.25, 10.25, 11.25]);
	});
});

describe('memory', () => {
	it('is as large after three hundred frames of four objects as after fifty', async () => {
		const { prompt, track, tracker } = trackerOf({}, (frame, object) =>
			object === 3 && frame > 20 ? { score: -1 } : {}
		);
		for (const id of [1, 2, 3, 4]) await prompt(id, 0);
		let early: unknown;
		for (let frame = 1; frame < 300; frame++) {
			await track(frame);
			if (frame === 50) early = tracker.held;
		}
		expect(tracker.held).toEqual(early);
	});
});

describe('prediction and memory apart', () => {
	it('remembers masks and scores that are given, with the pointers that were predicted', async () => {
		const { prompt, tracker, featuresOf, last } = trackerOf();
		await prompt(1, 0);
		const [found] = await tracker.propagate(featuresOf(1), 1);
		const entry = { id: 1, logits: new Float32Array(64).fill(-5), score: -10, binarise: false };
		await tracker.remember(featuresOf(1), 1, [{ ...entry, conditioning: false }]);
		expect(numberOf(last('memoryEncoder').mask!)).toBe(-5);
		expect(numberOf(last('memoryEncoder').score!)).toBe(-10);
		await tracker.propagate(featuresOf(2), 2);
		expect(firsts(last('memoryAttention').pointers!)).toEqual([found!.pointer[0], 0.25]);
	});

	it('lets a confirmed frame condition what follows', async () => {
		const { prompt, tracker, featuresOf, last } = trackerOf();
		await prompt(1, 0);
		for (let frame = 1; frame < 12; frame++) {
			const entries = await tracker.propagate(featuresOf(frame), frame);
			const conditioning = frame === 4;
			await tracker.remember(
				featuresOf(frame),
				frame,
				entries.map((entry) => ({ ...entry, binarise: false, conditioning }))
			);
		}
		expect(firsts(last('memoryAttention').memory!).slice(0, 3)).toEqual([0, 4, 10]);
	});
});
