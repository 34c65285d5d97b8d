import { beforeEach, describe, expect, it, vi } from 'vitest';
import { appError } from '$protocol/errors.ts';
import type { WebModelId, WebModelOffer } from '$protocol/web-model.ts';
import type { OnProgress } from '$workers/models/obtain.ts';
import type { KeptModel, ModelsApi } from '$workers/models/types.ts';
import { BrowserModels } from './browser-models.svelte.ts';

const weights = { weights: 'a'.repeat(64), form: '1', bytes: 100, standIn: false };
const offer: WebModelOffer = { id: 'sam3', weights: weights.weights, form: '1', bytes: 100, standIn: false };

/** A worker whose downloads end when they are told to. */
class FakeWorker implements ModelsApi {
	here: KeptModel[] = [];
	readonly downloads: { onProgress: OnProgress; end(): void; fail(error: unknown): void }[] = [];
	list = vi.fn(async () => this.here);

	download(_id: WebModelId, onProgress: OnProgress): Promise<void> {
		return new Promise((resolve, reject) => {
			this.downloads.push({ onProgress, end: resolve, fail: reject });
		});
	}

	async stop() {
		this.downloads.at(-1)?.fail(new Error('AbortError'));
	}

	async discard(id: WebModelId) {
		await this.stop();
		this.here = this.here.map(({ part: _, ...model }) => (model.id === id ? model : { ...model }));
	}

	async remove() {
		await this.stop();
		this.here = [];
	}
}

let worker: FakeWorker;
let offers: WebModelOffer[];
let told: unknown[];
let ready: string[];
let models: BrowserModels;
beforeEach(() => {
	worker = new FakeWorker();
	offers = [offer];
	told = [];
	ready = [];
	models = new BrowserModels({
		api: { webModels: async () => offers },
		tell: (error) => told.push(error),
		ready: (id) => ready.push(id),
		client: worker,
		persist: async () => true
	});
});

const sam3 = () => models.find('sam3');

describe('the models that this browser keeps', () => {
	it('are absent, prepared, downloaded and kept', async () => {
		await models.look();
		await models.load();
		expect(sam3()).toMatchObject({ state: 'absent', bytes: 100, offer, outdated: false });
		const done = models.download('sam3');
		expect(sam3()).toMatchObject({ state: 'preparing', progress: { done: 0, total: 0 } });
		const [{ onProgress, end }] = worker.downloads as [FakeWorker['downloads'][number]];
		onProgress('prepare', 30, 100);
		expect(sam3()).toMatchObject({ state: 'preparing', progress: { done: 30, total: 100 } });
		onProgress('download', 60, 100);
		expect(sam3()).toMatchObject({ state: 'downloading', progress: { done: 60, total: 100 } });
		worker.here = [{ id: 'sam3', kept: weights }];
		end();
		await done;
		expect(sam3()).toMatchObject({ state: 'kept', kept: weights, problem: undefined });
		expect(ready).toEqual(['sam3']);
	});

	it('say why they did not come, and what has arrived', async () => {
		const done = models.download('sam3');
		worker.here = [{ id: 'sam3', part: { ...weights, here: 50, running: false } }];
		worker.downloads[0]!.fail(appError('storage-full'));
		await done;
		const problem = { code: 'storage-full', params: {} };
		expect(sam3()).toMatchObject({ state: 'partial', progress: { done: 50, total: 100 }, problem });
		void models.download('sam3');
		expect(sam3().problem).toBeUndefined();
		expect(worker.downloads).toHaveLength(2);
	});

	it('are paused without a complaint, which may take a moment, and gone on with', async () => {
		const first = models.download('sam3');
		worker.here = [{ id: 'sam3', part: { ...weights, here: 50, running: false } }];
		const paused = models.pause('sam3');
		expect(sam3()).toMatchObject({ state: 'preparing', stopping: true });
		worker.downloads[0]!.onProgress('download', 99, 100);
		await Promise.all([first, paused]);
		expect(sam3()).toMatchObject({ state: 'partial', stopping: false, problem: undefined });
		const second = models.download('sam3');
		worker.here = [{ id: 'sam3', kept: weights }];
		worker.downloads[1]!.end();
		await second;
		expect(models.stateOf('sam3')).toBe('kept');
		expect(told).toEqual([]);
	});

	it('are cancelled and removed', async () => {
		worker.here = [{ id: 'sam3', kept: weights, part: { ...weights, here: 9, running: false } }];
		await models.look();
		expect(sam3()).toMatchObject({ state: 'partial', kept: weights });
		await models.cancel('sam3');
		expect(models.stateOf('sam3')).toBe('kept');
		await models.remove('sam3');
		expect(models.stateOf('sam3')).toBe('absent');
	});

	it('are absent without a complaint when another tab removed them on their way', async () => {
		const done = models.download('sam3');
		worker.downloads[0]!.fail(Object.assign(new Error('removed meanwhile'), { name: 'AbortError' }));
		await done;
		expect(sam3()).toMatchObject({ state: 'absent', problem: undefined });
	});

	it('are followed while another tab fetches them', async () => {
		vi.useFakeTimers();
		try {
			worker.here = [{ id: 'sam3', part: { ...weights, here: 10, running: true } }];
			await models.look();
			expect(sam3()).toMatchObject({ state: 'downloading', elsewhere: true, progress: { done: 10 } });
			worker.here = [{ id: 'sam3', kept: weights }];
			await vi.advanceTimersByTimeAsync(1100);
			expect(models.stateOf('sam3')).toBe('kept');
			const looks = worker.list.mock.calls.length;
			await vi.advanceTimersByTimeAsync(5000);
			expect(worker.list.mock.calls).toHaveLength(looks);
		} finally {
			vi.useRealTimers();
		}
	});

	it('are outdated once the server has other weights', async () => {
		worker.here = [{ id: 'sam3', kept: weights }];
		offers = [{ ...offer, weights: 'b'.repeat(64) }];
		await Promise.all([models.look(), models.load()]);
		expect(sam3()).toMatchObject({ state: 'kept', outdated: true });
		offers = [{ ...offer, form: '2' }];
		await models.load();
		expect(sam3()).toMatchObject({ state: 'kept', outdated: true });
		offers = [offer];
		await models.load();
		expect(sam3()).toMatchObject({ outdated: false });
	});

	it('say that this browser keeps nothing', async () => {
		worker.list.mockRejectedValueOnce(appError('storage-refused'));
		await models.look();
		expect(models.problem).toMatchObject({ code: 'storage-refused' });
	});
});
