import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Prompt } from '../../models/segmenter.ts';
import type { Connection } from '../rpc.ts';
import { SegmentClient, type PromptedFrame } from './client.ts';
import type { SegmentAnswer, SegmentApi } from './types.ts';

const point: Prompt = { kind: 'point', x: 1, y: 1, positive: true };
const answer: SegmentAnswer = {
	mask: { width: 1, height: 1, counts: [0, 1] },
	score: 1,
	engine: 'classic',
	milliseconds: 1
};

/** A worker that keeps one frame; `hang` makes it answer no question about prompts. */
function fakeWorker(hang = false) {
	let kept: string | undefined;
	const asked: string[] = [];
	let fail: (reason: Error) => void = () => {};
	const over = new Promise<never>((_resolve, reject) => (fail = reject));
	over.catch(() => {});
	const api: SegmentApi = {
		info: async () => ({
			...{ engine: 'classic', prompts: ['point'], refines: false, concepts: false },
			...{ standIn: false, reasons: [] }
		}),
		async setFrame(key) {
			asked.push(`frame ${key}`);
			kept = key;
		},
		async segment(key, prompts) {
			asked.push(`${prompts.length} on ${key}`);
			if (hang) await new Promise(() => {});
			return kept === key ? answer : undefined;
		},
		openSam3: vi.fn(),
		detect: vi.fn(),
		track: vi.fn(),
		stopTracking: vi.fn()
	};
	const connection = { api, over, settle: vi.fn(), end: vi.fn() } as unknown as Connection<SegmentApi>;
	return { connection, asked, fail };
}

function frame(key: string): PromptedFrame {
	return {
		key,
		time: 0,
		size: { width: 1, height: 1 },
		picture: async () => ({ close() {} }) as ImageBitmap
	};
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('SegmentClient', () => {
	it('sends the frame only where the worker lacks it', async () => {
		const worker = fakeWorker();
		const client = new SegmentClient(() => worker.connection);
		expect(await client.segment(frame('a'), [point])).toBe(answer);
		expect(await client.segment(frame('a'), [point, point])).toBe(answer);
		expect(worker.asked).toEqual(['1 on a', 'frame a', '1 on a', '2 on a']);
	});

	it('makes a frame ready ahead of its prompts', async () => {
		const worker = fakeWorker();
		const client = new SegmentClient(() => worker.connection);
		await client.prepare(frame('a'));
		await client.segment(frame('a'), [point]);
		expect(worker.asked).toEqual(['frame a', '1 on a']);
	});

	it('asks only the newest of the questions that waited', async () => {
		const worker = fakeWorker();
		const client = new SegmentClient(() => worker.connection);
		const answers = [1, 2, 3].map((n) => client.segment(frame('a'), Array<Prompt>(n).fill(point)));
		expect(await Promise.all(answers)).toEqual([answer, undefined, answer]);
		expect(worker.asked.at(-1)).toBe('3 on a');
		expect(worker.asked).not.toContain('2 on a');
	});

	it('replaces a worker that does not answer, and asks again with frame and prompts', async () => {
		const workers = [fakeWorker(true), fakeWorker()];
		let started = 0;
		const client = new SegmentClient(() => workers[started++]!.connection, 1000);
		const mask = client.segment(frame('a'), [point]);
		await vi.advanceTimersByTimeAsync(1001);
		expect(await mask).toBe(answer);
		expect(workers[0]!.connection.end).toHaveBeenCalled();
		expect(workers[1]!.asked).toEqual(['1 on a', 'frame a', '1 on a']);
	});

	it('replaces a worker that crashed', async () => {
		const workers = [fakeWorker(true), fakeWorker()];
		let started = 0;
		const client = new SegmentClient(() => workers[started++]!.connection);
		const mask = client.segment(frame('a'), [point]);
		workers[0]!.fail(new Error('out of memory'));
		expect(await mask).toBe(answer);
	});

	it('gives up after the second worker, and says so', async () => {
		const client = new SegmentClient(() => fakeWorker(true).connection, 1000);
		const mask = expect(client.segment(frame('a'), [point])).rejects.toMatchObject({ code: 'engine-died' });
		await vi.advanceTimersByTimeAsync(2002);
		await mask;
	});
});
