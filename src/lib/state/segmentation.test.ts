import { SvelteMap } from 'svelte/reactivity';
import { describe, expect, it, vi } from 'vitest';
import { someHealth } from '$lib/testing/fakes.ts';
import { CodedError } from '$models/errors.ts';
import type { Prompt } from '$models/segmenter.ts';
import type { SegmentAnswer as ServerAnswer } from '$protocol/prompts.ts';
import type { Clip, Health, SegmenterStatus } from '$protocol/schema.ts';
import type { PromptedFrame, SegmentClientOptions } from '$workers/segment/client.ts';
import type { SegmentAnswer } from '$workers/segment/types.ts';
import { Segmentation, type SegmentationNotice, type SegmentWorker } from './segmentation.svelte.ts';
import { expectedInfo, type KeptWeights, type SegmentationWish, type Way } from './ways.ts';

const point: Prompt = { kind: 'point', x: 1, y: 1, positive: true };
const mask = { width: 2, height: 1, counts: [0, 2] };
const clip = 'c'.repeat(64);
const frame: PromptedFrame = {
	...{ key: '1:0', time: 0.5, clip, size: { width: 2, height: 1 } },
	picture: () => Promise.reject(new Error('no picture is needed'))
};

interface World {
	readonly kept?: KeptWeights;
	/** The server's SAM 3; false where the server is away. */
	readonly server?: Partial<SegmenterStatus> | false;
	readonly wish?: SegmentationWish;
	/** What opening fails with, by the worker's number among those with SAM 3. */
	readonly opening?: readonly (string | undefined)[];
	/** What their first question fails with. */
	readonly asking?: readonly (string | undefined)[];
	readonly clip?: string;
	/** Resolves when it is known what this browser keeps. */
	readonly known?: () => Promise<void>;
}

const kept = { weights: 'a'.repeat(64), standIn: false };
const absent = { available: false, problem: { code: 'model-absent', params: { name: 'SAM 3' } } } as const;

function build(options: World = {}) {
	const workers: (SegmentWorker & Pick<SegmentClientOptions, 'sam3' | 'onEncoding'>)[] = [];
	const told: SegmentationNotice[] = [];
	const sam3 = {
		...{ id: 'sam3', available: true, provider: 'cpu', standIn: false, concepts: true, loaded: true },
		...options.server
	} as SegmenterStatus;
	const world = new SvelteMap<'kept' | 'clip' | 'health', unknown>([
		['kept', options.kept],
		['clip', 'clip' in options ? options.clip : clip],
		['health', options.server === false ? undefined : someHealth({ segmenters: [sam3] })]
	]);
	const connection = {
		get health() {
			return world.get('health') as Health | undefined;
		},
		get status() {
			return this.health ? ('online' as const) : ('away' as const);
		},
		suspect: vi.fn()
	};
	const start = ({ sam3, onEncoding }: SegmentClientOptions) => {
		const number = workers.filter((worker) => worker.sam3).length;
		const failures = [options.asking?.[number]];
		const fail = () => {
			const code = sam3 && failures.shift();
			if (code) throw new CodedError(code);
		};
		const answer: SegmentAnswer = { mask, score: 1, engine: sam3 ? 'sam3' : 'classic', milliseconds: 1 };
		const worker = {
			...{ sam3, onEncoding, encodeMilliseconds: 7 },
			info: vi.fn(async () => {
				const code = sam3 && options.opening?.[number];
				if (code) throw new CodedError(code);
				if (!sam3) return expectedInfo('classic');
				const setup = { provider: sam3.provider!, size: sam3.size ?? 1008, precision: 'float16' as const };
				const sizes = [1008, 672, 504];
				return { ...expectedInfo('sam3', options.kept), setup, sizes, encodeMilliseconds: 7 };
			}),
			segment: vi.fn(async () => {
				fail();
				return answer;
			}),
			detect: vi.fn(async () => {
				fail();
				if (!sam3) throw new CodedError('prompt-unknown');
				return { found: [], engine: 'sam3' as const, milliseconds: 1 };
			}),
			prepare: vi.fn(async () => {}),
			track: vi.fn(async () => fail()),
			close: vi.fn()
		};
		workers.push(worker);
		return worker;
	};
	const api = {
		segment: vi.fn(async (): Promise<ServerAnswer> => ({
			...{ segmenter: 'sam3', provider: 'cpu', standIn: false, frame: 0, time: 0, cached: true },
			candidates: [{ mask, score: 0.9 }],
			milliseconds: { read: 0, encode: 0, decode: 1 }
		})),
		clip: vi.fn(async () => ({ width: 2, height: 1 }) as Clip)
	};
	const remember = vi.fn();
	const sendClip = vi.fn(() => void world.set('clip', undefined));
	const segmentation = new Segmentation({
		...{ api, connection, start, remember, sendClip, wish: options.wish, known: options.known },
		kept: () => world.get('kept') as KeptWeights | undefined,
		clip: () => world.get('clip') as string | undefined,
		tell: (notice) => told.push(notice)
	});
	return { segmentation, workers, told, api, connection, remember, sendClip, world };
}

/** The providers and sizes with which workers were started; `classic` for one without SAM 3. */
const started = (workers: ReturnType<typeof build>['workers']) =>
	workers.map(({ sam3 }) => (sam3 ? [sam3.provider, sam3.size].filter(Boolean).join(' ') : 'classic'));

describe('the way in which prompts are answered', () => {
	const cases: readonly (readonly [how: string, World, Way, reasons: readonly string[]])[] = [
		['on the graphics card, where it runs', { kept }, 'webgpu', []],
		[
			'on the processor, where there is no graphics card',
			{ kept, opening: ['webgpu-no-adapter'] },
			'wasm',
			['webgpu webgpu-no-adapter']
		],
		[
			'on the server, where this browser keeps no weights',
			{},
			'server',
			['webgpu way-not-kept', 'wasm way-not-kept']
		],
		[
			'on the server, where the graphics card is too small and the processor too slow',
			{ kept, opening: ['webgpu-too-small', 'sam3-slow'] },
			'server',
			['webgpu webgpu-too-small', 'wasm sam3-slow']
		],
		[
			'by the classic segmenter, where there is nothing else',
			{ server: absent },
			'classic',
			['webgpu way-not-kept', 'wasm way-not-kept', 'server model-absent']
		],
		[
			'by the classic segmenter, where the server is away',
			{ server: false },
			'classic',
			['webgpu way-not-kept', 'wasm way-not-kept', 'server server-away']
		],
		[
			'not with weights from a formula',
			{ kept: { ...kept, standIn: true }, server: { standIn: true } },
			'classic',
			['webgpu way-stand-in', 'wasm way-stand-in', 'server way-stand-in']
		],
		[
			'with weights from a formula, where they were chosen',
			{ kept: { ...kept, standIn: true }, server: absent, wish: { way: 'wasm' } },
			'wasm',
			['webgpu way-stand-in']
		],
		[
			'as it was chosen',
			{ kept, wish: { way: 'classic' } },
			'classic',
			['webgpu way-other', 'wasm way-other', 'server way-other']
		],
		[
			'in the best way, where the one chosen does not work',
			{ kept, server: false, wish: { way: 'server' } },
			'webgpu',
			['server server-away']
		]
	];
	it.each(cases)('is %s', async (_, options, way, reasons) => {
		const { segmentation } = build(options);
		const answer = await segmentation.segment(frame, [point]);
		expect(answer).toMatchObject({ mask, engine: way === 'classic' ? 'classic' : 'sam3' });
		expect(segmentation.way).toBe(way);
		expect(segmentation.state).toBe('ready');
		expect(segmentation.concepts).toBe(way !== 'classic');
		expect(segmentation.reasons.map(({ way, code }) => `${way} ${code}`)).toEqual(reasons);
	});

	it('is the classic one until the server has the clip, and that is said', async () => {
		const { segmentation, api, world } = build({ clip: undefined });
		const here = { ...frame, clip: undefined };
		expect(await segmentation.segment(here, [point])).toMatchObject({ engine: 'classic' });
		expect(segmentation).toMatchObject({ way: 'classic', refines: false });
		expect(segmentation.reasons).toContainEqual({ way: 'server', code: 'way-clip', params: {} });
		await expect(segmentation.detect(here, { words: 'dog' })).rejects.toMatchObject({
			code: 'clip-uploading'
		});
		expect(api.segment).not.toHaveBeenCalled();
		world.set('clip', clip);
		expect(await segmentation.segment(frame, [point])).toMatchObject({ engine: 'sam3' });
	});

	it('follows what the user chooses, and is remembered', async () => {
		const { segmentation, workers, remember } = build({ kept });
		await segmentation.prepare(frame);
		segmentation.wish = { way: 'wasm', size: 504 };
		expect(remember).toHaveBeenCalledWith({ way: 'wasm', size: 504 });
		await segmentation.segment(frame, [point]);
		expect(started(workers)).toEqual(['webgpu', 'wasm 504']);
		expect(workers[0]!.close).toHaveBeenCalled();
		expect(workers[1]!.prepare).toHaveBeenCalledWith(frame, undefined);
		expect(segmentation.info.setup).toMatchObject({ provider: 'wasm', size: 504 });
	});
});

describe('a failure', () => {
	it('of the graphics card: once more on it, then on the processor; each is told, and the question is answered', async () => {
		const { segmentation, workers, told } = build({ kept, asking: ['gpu-lost', 'gpu-lost'] });
		expect(await segmentation.segment(frame, [point])).toMatchObject({ engine: 'sam3' });
		expect(started(workers)).toEqual(['webgpu', 'webgpu', 'wasm']);
		expect(told).toEqual([
			{ code: 'gpu-again' },
			{ code: 'next-way', failed: { way: 'webgpu', code: 'gpu-lost', params: {} }, way: 'wasm' }
		]);
		expect(segmentation.reasons).toMatchObject([{ way: 'webgpu', code: 'gpu-lost' }]);
	});

	it('of memory: at the next smaller size, then in the next way', async () => {
		const asking = Array<string>(4).fill('out-of-memory');
		const { segmentation, workers, told } = build({ kept, asking });
		await segmentation.segment(frame, [point]);
		expect(started(workers)).toEqual(['webgpu', 'webgpu 672', 'webgpu 504', 'wasm 504']);
		expect(segmentation.way).toBe('server');
		expect(told.map(({ code }) => code)).toEqual(['smaller', 'smaller', 'next-way', 'next-way']);
	});

	it('of the worker: in the next way', async () => {
		const { segmentation, told } = build({ kept, asking: ['engine-died', 'engine-died'], server: false });
		expect(await segmentation.segment(frame, [point])).toMatchObject({ engine: 'classic' });
		expect(told).toMatchObject([{ way: 'wasm' }, { way: 'classic' }]);
	});

	it('of the server: by the classic segmenter', async () => {
		const { segmentation, api, told, connection } = build();
		api.segment.mockRejectedValue(new CodedError('server-away'));
		expect(await segmentation.segment(frame, [point])).toMatchObject({ engine: 'classic' });
		expect(connection.suspect).toHaveBeenCalled();
		expect(told).toMatchObject([{ code: 'next-way', failed: { code: 'server-away' }, way: 'classic' }]);
	});

	it('of the server, which has lost the clip: the classic segmenter answers, and the clip is sent again', async () => {
		const { segmentation, api, told, sendClip } = build();
		api.segment.mockRejectedValue(new CodedError('clip-missing'));
		const answers = [1, 2].map((target) => segmentation.segment(frame, [point], undefined, target));
		for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ engine: 'classic' });
		expect(sendClip).toHaveBeenCalledOnce();
		expect(told).toEqual([]);
		expect(segmentation.reasons).toContainEqual({ way: 'server', code: 'way-clip', params: {} });
	});

	it('of the server, whose memory a job has: is told, and the server is asked again', async () => {
		const { segmentation, api } = build();
		api.segment.mockRejectedValueOnce(new CodedError('memory-busy', { gigabytes: 4 }));
		await expect(segmentation.segment(frame, [point])).rejects.toMatchObject({ code: 'memory-busy' });
		expect(await segmentation.segment(frame, [point])).toMatchObject({ engine: 'sam3' });
		expect(segmentation.way).toBe('server');
	});

	it('is told as it is where nobody else reads words', async () => {
		const { segmentation, api } = build();
		api.segment.mockRejectedValue(new CodedError('engine-died'));
		const found = segmentation.detect(frame, { words: 'dog' });
		await expect(found).rejects.toMatchObject({ code: 'engine-died' });
		expect(segmentation.way).toBe('classic');
	});

	it('of a question changes nothing', async () => {
		const { segmentation, workers, told } = build({ kept, asking: ['prompt-empty'] });
		await expect(segmentation.segment(frame, [])).rejects.toMatchObject({ code: 'prompt-empty' });
		expect(await segmentation.segment(frame, [point])).toMatchObject({ engine: 'sam3' });
		expect(workers).toHaveLength(1);
		expect(told).toEqual([]);
	});

	it('of several questions at once is dealt with once', async () => {
		const { segmentation, workers } = build({ kept, asking: ['gpu-lost'] });
		const answers = [1, 2, 3].map((target) => segmentation.segment(frame, [point], undefined, target));
		for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ engine: 'sam3' });
		expect(started(workers)).toEqual(['webgpu', 'webgpu']);
	});

	it('does not keep tracking waiting that is stopped while a way is opened', async () => {
		const { segmentation } = build({ known: () => new Promise(() => {}) });
		const stop = new AbortController();
		const tracked = segmentation.track(new Blob(), 'clip', { targets: [] }, () => {}, stop.signal);
		stop.abort();
		await expect(tracked).rejects.toBe(stop.signal.reason);
	});

	it('of tracking is told to who tracks, who can go on', async () => {
		const { segmentation, workers, told } = build({ kept, asking: ['gpu-lost'] });
		const track = () =>
			segmentation.track(new Blob(), 'clip', { targets: [] }, () => {}, new AbortController().signal);
		await expect(track()).rejects.toMatchObject({ code: 'gpu-lost' });
		await track();
		expect(started(workers)).toEqual(['webgpu', 'webgpu']);
		expect(told).toEqual([{ code: 'gpu-again' }]);
	});
});

describe('a question', () => {
	it('tells what it has to wait for: SAM 3 that opens, then the frame', async () => {
		const { segmentation, workers } = build({ kept });
		const asked = segmentation.segment(frame, [point]);
		expect(segmentation.waitsFor).toBe('opening');
		await asked;
		expect(segmentation.waitsFor).toBeUndefined();
		workers[0]!.onEncoding?.(true);
		expect(segmentation.waitsFor).toBe('frame');
		segmentation.wish = { way: 'classic' };
		expect(segmentation.waitsFor).toBeUndefined();
	});

	it('that waits when another way is chosen is asked again there, but for one that a newer took the place of', async () => {
		const { segmentation, workers } = build({ kept });
		await segmentation.prepare(frame);
		const worker = workers[0]!;
		let end: () => void = () => {};
		const ended = new Promise<never>((_resolve, reject) => {
			end = () => reject(new DOMException('ended', 'AbortError'));
		});
		vi.mocked(worker.segment).mockReturnValue(ended);
		vi.mocked(worker.close).mockImplementation(end);
		const [old, other] = [1, 2].map((target) => segmentation.segment(frame, [point], undefined, target));
		const newer = segmentation.segment(frame, [point, point], undefined, 1);
		await vi.waitFor(() => expect(worker.segment).toHaveBeenCalledTimes(3));
		segmentation.wish = { way: 'wasm' };
		expect(await old).toBeUndefined();
		for (const answer of await Promise.all([other, newer])) expect(answer).toMatchObject({ engine: 'sam3' });
		expect(workers[1]!.segment).toHaveBeenCalledTimes(2);
	});

	it('is over when the page closes', async () => {
		const { segmentation, workers } = build({ kept });
		await segmentation.prepare(frame);
		segmentation.close();
		expect(workers[0]!.close).toHaveBeenCalled();
		await expect(segmentation.segment(frame, [point])).rejects.toThrow(DOMException);
	});
});

describe('what changes in this browser and on the server', () => {
	function follow(options: World) {
		const built = build(options);
		built.segmentation.look();
		const set = (...change: Parameters<typeof built.world.set>) => {
			built.world.set(...change);
			built.segmentation.look();
		};
		/** Begins to track in the worker that answers, until what is returned is called. */
		const track = async () => {
			let end: () => void = () => {};
			const worker = built.workers.at(-1)!;
			vi.mocked(worker.track).mockReturnValue(new Promise((resolve) => (end = () => resolve(undefined))));
			const { signal } = new AbortController();
			const tracked = built.segmentation.track(new Blob(), 'clip', { targets: [] }, () => {}, signal);
			await vi.waitFor(() => expect(worker.track).toHaveBeenCalled());
			return async () => {
				end();
				await tracked;
				await vi.waitFor(() => expect(built.segmentation.state).not.toBe('opening'));
			};
		};
		return { ...built, set, track };
	}

	it('opens SAM 3 when its weights come, and makes the shown frame ready there', async () => {
		const { segmentation, workers, set } = follow({ server: absent });
		await segmentation.prepare(frame);
		set('kept', kept);
		await vi.waitFor(() => expect(segmentation.way).toBe('webgpu'));
		expect(workers[0]!.close).toHaveBeenCalled();
		await vi.waitFor(() => expect(workers[1]!.prepare).toHaveBeenCalledWith(frame, undefined));
	});

	it.each([
		['newer weights', { weights: 'b'.repeat(64) }],
		['weights packed anew', { form: 'newer' }]
	])('opens %s in the place of those that are open', async (_, change) => {
		const { segmentation, workers, set, told } = follow({ kept });
		await segmentation.prepare(frame);
		set('kept', { ...kept });
		expect(workers).toHaveLength(1);
		set('kept', { ...kept, ...change });
		await vi.waitFor(() => expect(workers[1]?.prepare).toHaveBeenCalledWith(frame, undefined));
		expect(workers[0]!.close).toHaveBeenCalled();
		expect(told).toEqual([]);
	});

	it('waits for the end of what is tracked meanwhile', async () => {
		const { segmentation, workers, set, track } = follow({ server: absent });
		await segmentation.prepare(frame);
		const end = await track();
		set('kept', kept);
		segmentation.wish = { way: 'wasm' };
		expect(await segmentation.segment(frame, [point])).toMatchObject({ engine: 'classic' });
		expect(workers[0]!.close).not.toHaveBeenCalled();
		await end();
		expect(workers[0]!.close).toHaveBeenCalled();
		expect(segmentation.way).toBe('wasm');
	});

	it('is no reason to open anything anew where it is as it was when tracking ends', async () => {
		const { segmentation, workers, set, track, connection } = follow({ clip: undefined });
		await segmentation.segment({ ...frame, clip: undefined }, [point]);
		const end = await track();
		const { health } = connection;
		set('health', undefined);
		set('health', health);
		await end();
		expect(workers).toHaveLength(1);
		expect(workers[0]!.close).not.toHaveBeenCalled();
	});

	it('lets a worker that tracks live where the way that it stands in for fails', async () => {
		const { segmentation, api, workers, set, track } = follow({ clip: undefined });
		await segmentation.segment({ ...frame, clip: undefined }, [point]);
		const end = await track();
		set('clip', clip);
		api.segment.mockRejectedValue(new CodedError('engine-died'));
		expect(await segmentation.segment(frame, [point])).toMatchObject({ engine: 'classic' });
		expect(workers[0]!.close).not.toHaveBeenCalled();
		await end();
		expect(workers.map(({ close }) => vi.mocked(close).mock.calls.length)).toEqual([1, 0]);
	});

	it('gives the server another chance when its SAM 3 changes, and not with each job', async () => {
		const { segmentation, api, told, set, connection } = follow({});
		api.segment.mockRejectedValue(new CodedError('engine-died'));
		await segmentation.segment(frame, [point]);
		const { health } = connection;
		const [sam3] = health!.segmenters;
		set('health', { ...health!, running: 1, segmenters: [{ ...sam3!, loaded: false }] });
		await segmentation.segment(frame, [point]);
		expect(segmentation.way).toBe('classic');
		expect(told).toHaveLength(1);
		set('health', undefined);
		set('health', health);
		await vi.waitFor(() => expect(segmentation.way).toBe('server'));
	});
});
