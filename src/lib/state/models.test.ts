import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appError } from '$protocol/errors.ts';
import type { ModelStatus } from '$protocol/models.ts';
import { Models } from './models.svelte.ts';

const absent: ModelStatus = {
	...{ id: 'matanyone2', name: 'MatAnyone 2', accepted: false, bytes: 100, state: 'absent', bytesHere: 0 },
	licence: { id: 's-lab', name: 'A licence', url: 'https://licence.example/', commercialUse: false },
	sources: [{ page: 'https://hub.example/model' }]
};
const running: ModelStatus = {
	...absent,
	state: 'partial',
	origin: 'hub',
	download: { done: 10, total: 100 }
};
const sources = [{ page: 'https://hub.example/model', commit: 'abc' }];
const present: ModelStatus = { ...absent, state: 'present', origin: 'hub', bytesHere: 100, sources };

/** What the server says next, the last again and again. */
let answers: ModelStatus[];
let told: unknown[];
let changes: ModelStatus[];
const api = {
	models: vi.fn(async () => [answers.length > 1 ? answers.shift()! : answers[0]!]),
	pullModel: vi.fn(async () => running),
	pauseModel: vi.fn(async () => ({ ...running, download: undefined })),
	cancelModel: vi.fn(async () => absent),
	verifyModel: vi.fn(async () => present),
	removeModel: vi.fn(async () => absent)
};

beforeEach(() => {
	vi.useFakeTimers();
	answers = [absent];
	told = [];
	changes = [];
});
afterEach(() => {
	vi.useRealTimers();
	vi.clearAllMocks();
});

async function loaded(...said: ModelStatus[]): Promise<Models> {
	if (said.length > 0) answers = said;
	const models = new Models(
		api,
		(error) => told.push(error),
		(model) => changes.push(model)
	);
	await models.load();
	return models;
}

describe('the models', () => {
	it('are looked at until a download has ended, and then no more', async () => {
		const models = await loaded(absent, running, running, present);
		await models.pull('matanyone2', true);
		expect(models.list).toEqual([running]);
		await vi.advanceTimersByTimeAsync(2000);
		expect(models.list).toEqual([present]);
		expect(changes).toEqual([present]);
		const asked = api.models.mock.calls.length;
		await vi.advanceTimersByTimeAsync(10_000);
		expect(api.models).toHaveBeenCalledTimes(asked);
	});

	it('are told when weights go, and not when a download is thrown away', async () => {
		const models = await loaded(present);
		await models.remove('matanyone2');
		expect(changes).toEqual([absent]);
		await models.cancel('matanyone2');
		expect(changes).toHaveLength(1);
	});

	it('say what is asked of them, and tell what went wrong', async () => {
		const models = await loaded(running);
		const paused = models.pause('matanyone2');
		expect(models.asked.matanyone2).toBe('pause');
		await paused;
		expect(models.asked.matanyone2).toBeUndefined();

		const refused = appError('model-licence');
		api.pullModel.mockRejectedValueOnce(refused);
		await models.pull('matanyone2', false);
		expect(told).toEqual([refused]);
	});

	it('keep the verdict on their files beside them', async () => {
		const models = await loaded(present);
		await models.verify('matanyone2');
		expect(models.verdicts.matanyone2).toBe('right');
		const params = { name: 'MatAnyone 2', file: 'model.safetensors' };
		api.verifyModel.mockRejectedValueOnce(appError('model-damaged', params));
		await models.verify('matanyone2');
		expect(models.verdicts.matanyone2).toEqual({ code: 'model-damaged', params });
		api.verifyModel.mockRejectedValueOnce(appError('server-away'));
		await models.verify('matanyone2');
		expect(models.verdicts.matanyone2).toBeUndefined();
		expect(told).toHaveLength(1);
	});

	it('stay as they were while the server is away', async () => {
		const models = await loaded(running);
		api.models.mockRejectedValueOnce(appError('server-away'));
		await vi.advanceTimersByTimeAsync(2000);
		expect(models.problem?.code).toBe('server-away');
		expect(models.list).toEqual([running]);
		await models.load();
		expect(models.problem).toBeUndefined();
	});
});
