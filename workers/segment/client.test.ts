import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Prompt } from '../../models/segmenter.ts';
import { CodedError } from '../../models/errors.ts';
import type { Connection } from '../rpc.ts';
import { SegmentClient, type PromptedFrame } from './client.ts';
import type { Sam3Wish, SegmentAnswer, SegmentApi, SegmenterInfo } from './types.ts';

const point: Prompt = { kind: 'point', x: 1, y: 1, positive: true };
const answer: SegmentAnswer = {
	mask: { width: 1, height: 1, counts: [0, 1] },
	score: 1,
	engine: 'classic',
	milliseconds: 1
};
const info: SegmenterInfo = {
	...{ engine: 'classic', prompts: ['point'], refines: false, concepts: false },
	...{ standIn: false, reasons: [] }
};

/** A worker that keeps one frame; `hang` makes it answer no question about prompts. */
function fakeWorker({ hang = false, encode = 1 } = {}) {
	let kept: string | undefined;
	const asked: string[] = [];
	let fail: (reason: Error) => void = () => {};
	const over = new Promise<never>((_resolve, reject) => (fail = reject));
	over.catch(() => {});
	const api: SegmentApi = {
		openSam3: async ({ size }: Sam3Wish) => {
			asked.push(`open ${size}`);
			return info;
		},
		info: async () => info,
		async has(key) {
			asked.push(`has ${key}`);
			return kept === key;
		},
		async setFrame(key) {
			asked.push(`frame ${key}`);
			kept = key;
			return encode;
		},
		async segment(key, prompts) {
			asked.push(`${prompts.length} on ${key}`);
			if (hang) await new Promise(() => {});
			return kept === key ? answer : undefined;
		},
		async detect(key, { words }) {
			asked.push(`${words} on ${key}`);
			return kept === key ? { found: [], engine: 'sam3', milliseconds: 1 } : undefined;
		},
		async track(_file, _name, { from = 0, to = 0 }, onFrame) {
			for (let index = from; index <= to; index++) {
				await new Promise((resolve) => setTimeout(resolve, 500));
				onFrame(index, []);
			}
			if (hang) await new Promise(() => {});
		},
		async stopTracking() {
			asked.push('stop');
			fail(new Error('stopped'));
		}
	};
	const connection = { api, over, settle: vi.fn(), end: vi.fn() } as unknown as Connection<SegmentApi>;
	return { connection, asked, fail };
}

function frame(key: string): PromptedFrame {
	return {
		...{ key, time: 0, size: { width: 1, height: 1 } },
		picture: async () => ({ close() {} }) as ImageBitmap
	};
}

/** A client of workers that are started one after the other. */
function clientOf(workers: readonly ReturnType<typeof fakeWorker>[], options: { patience?: number } = {}) {
	let started = 0;
	return new SegmentClient({ start: () => workers[started++]!.connection, ...options });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('SegmentClient', () => {
	it('sends the frame only where the worker lacks it', async () => {
		const worker = fakeWorker();
		const client = clientOf([worker]);
		expect(await client.segment(frame('a'), [point])).toBe(answer);
		expect(await client.segment(frame('a'), [point, point])).toBe(answer);
		expect(worker.asked).toEqual(['1 on a', 'frame a', '1 on a', '2 on a']);
		expect(await client.detect(frame('a'), { words: 'dog' })).toMatchObject({ found: [] });
	});

	it('makes a frame ready ahead of its prompts, then the one after it', async () => {
		const worker = fakeWorker();
		const client = clientOf([worker]);
		await client.prepare(frame('a'), frame('b'));
		await client.prepare(frame('b'));
		expect(worker.asked).toEqual(['has a', 'frame a', 'has a', 'has b', 'frame b', 'has b', 'has b']);
	});

	it('does not make the next one ready where that takes long, or where the user went elsewhere', async () => {
		const slow = fakeWorker({ encode: 30_000 });
		await clientOf([slow]).prepare(frame('a'), frame('b'));
		expect(slow.asked).not.toContain('frame b');
		const worker = fakeWorker();
		const client = clientOf([worker]);
		await Promise.all(['a', 'b', 'c'].map((key) => client.prepare(frame(key), frame(`${key}+`))));
		expect(worker.asked.filter((asked) => asked.startsWith('frame'))).toEqual([
			...['frame a', 'frame c', 'frame c+']
		]);
	});

	it('asks only the newest of the questions that waited, of each asker, previews last', async () => {
		const worker = fakeWorker();
		const client = clientOf([worker]);
		const preview = client.segment(frame('a'), Array<Prompt>(9).fill(point), undefined, 'preview');
		const lost = client.segment(frame('a'), Array<Prompt>(8).fill(point), undefined, 'preview');
		const last = client.segment(frame('b'), Array<Prompt>(7).fill(point), undefined, 'preview');
		const answers = [1, 2, 3].map((n) => client.segment(frame('a'), Array<Prompt>(n).fill(point)));
		const other = client.segment(frame('a'), Array<Prompt>(4).fill(point), undefined, 2);
		expect(await Promise.all(answers)).toEqual([undefined, undefined, answer]);
		expect(await Promise.all([preview, lost, last, other])).toEqual([answer, undefined, answer, answer]);
		const asked = worker.asked.filter((asked) => asked.includes(' on '));
		expect([...new Set(asked)]).toEqual(['9 on a', '3 on a', '4 on a', '7 on b']);
	});

	it('replaces a worker that does not answer, opens SAM 3 there, and asks again with frame and prompts', async () => {
		const workers = [fakeWorker({ hang: true }), fakeWorker()];
		let started = 0;
		const client = new SegmentClient({
			...{ start: () => workers[started++]!.connection, patience: 1000, sam3: { size: 56 } }
		});
		const mask = client.segment(frame('a'), [point]);
		await vi.advanceTimersByTimeAsync(1001);
		expect(await mask).toBe(answer);
		expect(workers[0]!.connection.end).toHaveBeenCalled();
		expect(workers[1]!.asked).toEqual(['open 56', '1 on a', 'frame a', '1 on a']);
	});

	it('replaces a worker that crashed', async () => {
		const workers = [fakeWorker({ hang: true }), fakeWorker()];
		const mask = clientOf(workers).segment(frame('a'), [point]);
		await vi.advanceTimersByTimeAsync(1);
		workers[0]!.fail(new Error('out of memory'));
		expect(await mask).toBe(answer);
	});

	it('gives up after the second worker, and says so', async () => {
		const client = clientOf([fakeWorker({ hang: true }), fakeWorker({ hang: true })], { patience: 1000 });
		const mask = expect(client.segment(frame('a'), [point])).rejects.toMatchObject({ code: 'engine-died' });
		await vi.advanceTimersByTimeAsync(2002);
		await mask;
	});

	it('says what keeps SAM 3 from opening', async () => {
		const worker = fakeWorker();
		const openSam3 = async () => {
			throw new CodedError('webgpu-no-adapter');
		};
		const connection = { ...worker.connection, api: { ...worker.connection.api, openSam3 } };
		const start = () => connection as unknown as Connection<SegmentApi>;
		const client = new SegmentClient({ start, sam3: {} });
		await expect(client.info()).rejects.toMatchObject({ code: 'webgpu-no-adapter' });
	});

	it('tells when a frame is being made ready', async () => {
		const worker = fakeWorker();
		const client = new SegmentClient({
			...{ start: () => worker.connection, onEncoding: (on) => void worker.asked.push(`encoding ${on}`) }
		});
		await client.segment(frame('a'), [point]);
		expect(worker.asked).toEqual(['1 on a', 'encoding true', 'frame a', 'encoding false', '1 on a']);
	});

	it('leaves no picture open that could not be handed over', async () => {
		const worker = fakeWorker();
		const client = clientOf([worker]);
		const close = vi.fn();
		const picture = async () => {
			client.close();
			return { close } as unknown as ImageBitmap;
		};
		await expect(client.segment({ ...frame('a'), picture }, [point])).rejects.toThrow(DOMException);
		expect(close).toHaveBeenCalled();
	});
});

describe('tracking', () => {
	const file = new Blob();
	const request = { targets: [], from: 2, to: 6 };

	it('goes on for as long as frames come, and says when none does', async () => {
		const frames: number[] = [];
		const take = (index: number) => void frames.push(index);
		const client = clientOf([fakeWorker(), fakeWorker()], { patience: 800 });
		const done = client.track(file, 'clip', request, take, new AbortController().signal);
		await vi.advanceTimersByTimeAsync(2500);
		await done;
		expect(frames).toEqual([2, 3, 4, 5, 6]);
		const stuck = clientOf([fakeWorker({ hang: true })]);
		const died = expect(
			stuck.track(file, 'clip', request, take, new AbortController().signal)
		).rejects.toMatchObject({ code: 'engine-died' });
		await vi.advanceTimersByTimeAsync(700_000);
		await died;
	});

	it('ends when it is stopped', async () => {
		const worker = fakeWorker();
		const stop = new AbortController();
		const frames: number[] = [];
		const done = expect(
			clientOf([worker]).track(file, 'clip', request, (index) => void frames.push(index), stop.signal)
		).rejects.toThrow('enough');
		await vi.advanceTimersByTimeAsync(1100);
		stop.abort(new Error('enough'));
		await vi.advanceTimersByTimeAsync(2000);
		await done;
		expect(worker.asked).toEqual(['stop']);
		expect(frames).toEqual([2, 3]);
	});
});
