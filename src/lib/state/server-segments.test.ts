import { describe, expect, it, vi } from 'vitest';
import { CodedError } from '$models/errors.ts';
import type { Prompt } from '$models/segmenter.ts';
import type { SegmentAnswer, SegmentRequest } from '$protocol/prompts.ts';
import type { Clip } from '$protocol/schema.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import { ServerSegments } from './server-segments.ts';

const clip = 'c'.repeat(64);
/** Shown with square pixels, twice as wide as the server's picture. */
const frame: PromptedFrame = {
	...{ key: '1:0', time: 0.5, clip, size: { width: 4, height: 1 } },
	picture: () => Promise.reject(new Error('the server has it'))
};
const answer: SegmentAnswer = {
	...{ segmenter: 'sam3', provider: 'cpu', standIn: false, frame: 0, time: 0.5, cached: true },
	candidates: [
		{
			mask: { width: 2, height: 1, counts: [1, 1] },
			...{ score: 0.9, box: { x: 1, y: 0, width: 1, height: 1 } }
		}
	],
	milliseconds: { read: 0, encode: 0, decode: 1 }
};
const points = (count: number) => Array<Prompt>(count).fill({ kind: 'point', x: 4, y: 1, positive: true });

function build(change: Partial<SegmentAnswer> = {}) {
	const api = {
		segment: vi.fn(async (_request: SegmentRequest) => ({ ...answer, ...change })),
		clip: vi.fn(async (): Promise<Clip | undefined> => ({ width: 2, height: 1 }) as Clip)
	};
	return { api, segments: new ServerSegments(api) };
}

describe('questions to the server', () => {
	it('are put in its pixels, and answered in those of the page', async () => {
		const { api, segments } = build();
		const mask = { width: 4, height: 1, counts: [2, 2] };
		const got = await segments.segment(frame, points(1), mask);
		expect(api.segment.mock.calls[0]![0]).toMatchObject({
			...{ clip, time: 0.5, segmenter: 'sam3' },
			prompts: [{ kind: 'point', x: 2, y: 1, positive: true }],
			mask: { width: 2, height: 1, counts: [1, 1] }
		});
		expect(got).toMatchObject({ mask, score: 0.9, engine: 'sam3' });
		const found = await segments.detect(frame, {
			words: 'dog',
			examples: [{ x: 2, y: 0, width: 2, height: 1, positive: true }]
		});
		expect(api.segment.mock.calls[1]![0].concept).toEqual({
			words: 'dog',
			examples: [{ x: 1, y: 0, width: 1, height: 1, positive: true }]
		});
		expect(found?.found).toEqual([{ mask, score: 0.9, box: { x: 2, y: 0, width: 2, height: 1 } }]);
		expect(api.clip).toHaveBeenCalledTimes(1);
	});

	it('wait for each other, and give way to newer ones of the same asker', async () => {
		const { api, segments } = build();
		const answers = [1, 2, 3].map((count) => segments.segment(frame, points(count)));
		const other = segments.segment(frame, points(4), undefined, 2);
		const got = await Promise.all([...answers, other]);
		expect(got.map((answer) => answer !== undefined)).toEqual([true, false, true, true]);
		expect(api.segment.mock.calls.map(([{ prompts }]) => prompts!.length)).toEqual([1, 3, 4]);
		const askers = api.segment.mock.calls.map(([{ asker }]) => asker);
		expect(new Set(askers).size).toBe(2);
	});

	it('that gave way on the server are as those that gave way here', async () => {
		const { api, segments } = build();
		api.segment.mockRejectedValueOnce(new CodedError('prompt-superseded'));
		expect(await segments.segment(frame, points(1))).toBeUndefined();
		expect(await segments.segment(frame, points(1))).toBeDefined();
	});

	it('that find nothing say so; words may find nothing', async () => {
		const { segments } = build({ candidates: [] });
		await expect(segments.segment(frame, points(1))).rejects.toMatchObject({ code: 'no-match' });
		expect(await segments.detect(frame, { words: 'dog' })).toMatchObject({ found: [] });
	});

	it('on a clip that the server lacks fail', async () => {
		const { api, segments } = build();
		api.clip.mockResolvedValueOnce(undefined);
		await expect(segments.segment(frame, points(1))).rejects.toMatchObject({ code: 'clip-missing' });
		expect(await segments.segment(frame, points(1))).toBeDefined();
	});
});
