import { describe, expect, it } from 'vitest';
import type { Prompt } from '../segmenter.ts';
import { FramePrompts } from './frame-prompts.ts';
import { defaultSam3Options } from './options.ts';
import { fakeTracker, firsts, numberOf, type FakeAnswer } from './tracker.fixture.ts';

const click = (x: number, y: number, positive = true): Prompt => ({ kind: 'point', x, y, positive });
const box: Prompt = { kind: 'box', x: 14, y: 7, width: 28, height: 14 };

function frameOf(options = defaultSam3Options.prompts, answer: FakeAnswer = {}) {
	const fake = fakeTracker(() => answer);
	const frame = new FramePrompts(fake.model, fake.featuresOf(7), fake.picture, options);
	return { ...fake, frame };
}

describe('prompts on a frame', () => {
	it('answer one click by the alternatives, best first', async () => {
		const { frame, last, calls } = frameOf(undefined, { logits: [1, -1, 2, 3] });
		const candidates = await frame.segment([click(28, 14)]);
		expect(candidates.map(({ score }) => score.toFixed(1))).toEqual(['0.9', '0.7', '0.6']);
		expect(candidates.map(({ mask }) => mask.data[0])).toEqual([255, 0, 255]);
		expect(candidates[0]!.mask).toMatchObject({ width: 56, height: 28 });
		const { feature, points, labels, has_mask } = last('decoder');
		expect(numberOf(feature!)).toBe(7.5);
		expect([...(points!.data as Float32Array)]).toEqual([14, 14, 0, 0]);
		expect([...(labels!.data as BigInt64Array)]).toEqual([1n, -1n]);
		expect(has_mask!.data[0]).toBe(0);
		expect(calls).toHaveLength(1);
	});

	it('answer a box by the single mask, or by the best alternative where its border is unsure', async () => {
		const sure = await frameOf().frame.segment([box]);
		expect(sure.map(({ score }) => score)).toEqual([0.5]);
		const unsure = await frameOf(undefined, { logits: [0, 1, 1, 1] }).frame.segment([box]);
		expect(unsure.map(({ score }) => score.toFixed(1))).toEqual(['0.9']);
	});

	it('refine each other: the best answer to those before goes back into the decoder, within bounds', async () => {
		const { frame, last, calls } = frameOf(undefined, { logits: [1, 2, 99, 4] });
		const prompts = [click(0, 0, false), click(28, 14), click(56, 28)];
		await frame.segment(prompts);
		expect(calls).toHaveLength(2);
		expect(last('decoder').points!.dims).toEqual([1, 4, 2]);
		expect(numberOf(last('decoder').mask_input!)).toBe(1);
		await frame.segment([click(28, 14), click(56, 28)]);
		expect(numberOf(last('decoder').mask_input!)).toBe(32);
	});

	it('answer the same whatever was asked before, and compute nothing twice', async () => {
		const { frame, calls, last } = frameOf();
		const prompts = [click(28, 14), click(40, 14), click(56, 28)];
		for (const count of [1, 2, 3, 2]) {
			await frame.segment(prompts.slice(0, count));
		}
		expect(calls).toHaveLength(3);
		const other = frameOf();
		await other.frame.segment(prompts);
		expect(calls.map(({ feeds }) => firsts(feeds.mask_input!))).toEqual(
			other.calls.map(({ feeds }) => firsts(feeds.mask_input!))
		);
		await frame.segment([prompts[1]!]);
		expect(last('decoder').has_mask!.data[0]).toBe(0);
	});

	it('are all answered at once where they are not to refine', async () => {
		const { frame, calls, last } = frameOf({ ...defaultSam3Options.prompts, refine: false });
		await frame.segment([click(28, 14), click(40, 14), click(56, 28)]);
		expect(calls).toHaveLength(1);
		expect(last('decoder').points!.dims).toEqual([1, 4, 2]);
	});

	it('correct a mask that is given', async () => {
		const { frame, last, picture } = frameOf();
		const mask = { ...picture, data: new Uint8Array(56 * 28).fill(255) };
		await frame.segment([click(28, 14, false)], undefined, mask);
		expect(numberOf(last('decoder').mask_input!)).toBe(10);
		expect(last('decoder').has_mask!.data[0]).toBe(1);
		await expect(frame.segment([], undefined, { ...mask, width: 28 })).rejects.toThrow('mask-size');
	});

	it('leave what was painted as it was painted', async () => {
		const { frame } = frameOf(undefined, { logits: [-1, -1, -1, -1] });
		const points = [[4.5, 4.5]] as const;
		const stroke: Prompt = { kind: 'stroke', points, radius: 1.2, positive: true };
		const { data } = (await frame.segment([stroke]))[0]!.mask;
		expect(data.filter((value: number) => value === 255)).toHaveLength(5);
		expect(data[4 * 56 + 4]).toBe(255);
	});

	it('stop when they are no longer wanted', async () => {
		const { frame, calls } = frameOf();
		await expect(frame.segment([box], AbortSignal.abort(new Error('newer')))).rejects.toThrow('newer');
		expect(calls).toHaveLength(0);
	});
});
