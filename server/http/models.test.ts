import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeHub, fakeCommit, noise } from '../../models/hub/fake-hub.node.ts';
import { modelStatus, type ModelStatus } from '../protocol/models.ts';
import { routes } from '../protocol/routes.ts';
import { TestServer } from '../testing/harness.ts';

const weights = noise(300_000);
const id = 'matanyone2';

let hub: FakeHub;
let server: TestServer;

beforeEach(async () => {
	hub = await FakeHub.start('PeiqingYang/MatAnyone2', { 'config.json': '{}', 'model.safetensors': weights });
	server = await TestServer.start({ hub: hub.endpoint });
});
afterEach(async () => {
	await server.stop();
	await hub.stop();
});

const post = (path: string, body?: unknown) =>
	server.fetch(path, { method: 'POST', body: body === undefined ? undefined : JSON.stringify(body) });
const pull = (acceptLicence = true) => post(routes.modelPull(id), { acceptLicence });
const folder = () => join(server.workspace, '../weights', id);

async function status(): Promise<ModelStatus> {
	const list = modelStatus.array().parse(await server.json(routes.models));
	return list.find((model) => model.id === id)!;
}

/** Waits until the model is as it should be. */
async function until(fits: (model: ModelStatus) => unknown): Promise<ModelStatus> {
	for (;;) {
		const model = await status();
		if (fits(model)) return model;
		await sleep(10);
	}
}

describe('the models on the server', () => {
	it('are listed with licence and state, and no path of the disk', async () => {
		expect(await status()).toEqual({
			...{ id, name: 'MatAnyone 2', bytes: 141_200_000, accepted: false, state: 'absent', bytesHere: 0 },
			licence: {
				...{ id: 's-lab', name: 'S-Lab License 1.0', commercialUse: false },
				url: 'https://github.com/pq-yang/MatAnyone2/blob/main/LICENSE.txt'
			},
			sources: [{ page: `${hub.endpoint}/PeiqingYang/MatAnyone2` }]
		});
		expect(await (await server.fetch(routes.models)).text()).not.toContain(server.workspace);
	});

	it('are downloaded, checked and removed', async () => {
		const begun = await pull();
		expect(begun.status).toBe(202);
		const installed = await until(({ state }) => state === 'present');
		expect(installed).toMatchObject({
			origin: 'hub',
			accepted: true,
			sources: [{ commit: fakeCommit }],
			bytesHere: 300_002
		});
		await until(({ download }) => !download);
		expect(weights.equals(await readFile(join(folder(), 'model.safetensors')))).toBe(true);

		expect((await post(routes.modelVerify(id))).status).toBe(200);
		await writeFile(join(folder(), 'model.safetensors'), Buffer.alloc(300_000));
		const wrong = await post(routes.modelVerify(id));
		expect(await wrong.json()).toMatchObject({
			code: 'model-damaged',
			params: { file: 'model.safetensors' }
		});

		const removed = await server.fetch(routes.model(id), { method: 'DELETE' });
		expect(await removed.json()).toMatchObject({ state: 'absent', accepted: false });
	});

	it('are not downloaded before the licence is accepted', async () => {
		const refused = await pull(false);
		expect(refused.status).toBe(403);
		expect(await refused.json()).toMatchObject({ code: 'model-licence' });
		expect(hub.seen).toEqual([]);
	});

	it('can be paused, gone on with, also by another run of the server, and cancelled', async () => {
		hub.holdAfter = 100_000;
		await pull();
		const running = await until(({ download }) => download && download.done >= 100_000);
		expect(running).toMatchObject({ state: 'partial', download: { total: 300_002 } });

		expect(await (await post(routes.modelPause(id))).json()).toMatchObject({
			state: 'partial',
			accepted: true
		});
		expect((await status()).download).toBeUndefined();
		await pull(false);
		await until(({ download }) => download && download.done >= 200_000);

		server = await server.restart();
		expect(await status()).toMatchObject({ state: 'partial', bytesHere: 200_002 });
		expect(hub.downloads).toEqual([undefined, 'bytes=100000-']);

		hub.holdAfter = 50_000;
		await pull();
		await until(({ download }) => download && download.done >= 250_000);
		expect(await (await post(routes.modelCancel(id))).json()).toMatchObject({
			state: 'absent',
			bytesHere: 0
		});
		expect(await readdir(folder())).toEqual([]);
	});

	it('tell why a download failed, until it is tried again', async () => {
		hub.token = 'hf_right';
		await pull();
		const { download, state } = await until((model) => model.download?.error);
		expect(download!.error).toEqual({
			code: 'hub-refused',
			params: { status: 401, page: `${hub.endpoint}/PeiqingYang/MatAnyone2` }
		});
		expect(state).toBe('absent');
		hub.token = undefined;
		await pull();
		await until((model) => model.state === 'present');
	});

	it('are found damaged where someone put a broken file', async () => {
		await mkdir(folder(), { recursive: true });
		await writeFile(join(folder(), 'model.safetensors'), 'no weights');
		const { state, origin, problem } = await status();
		expect({ state, origin }).toEqual({ state: 'damaged', origin: 'by-hand' });
		expect(problem?.code).toMatch(/^weights-/);
	});

	it('are what the registry says, and asked for by pages of ours only', async () => {
		const unknown = await post(routes.modelPull('sam9'), { acceptLicence: true });
		expect([unknown.status, await unknown.json()]).toEqual([
			404,
			{ code: 'model-unknown', params: { id: 'sam9' } }
		]);
		const foreign = { method: 'POST', headers: { Origin: 'https://elsewhere.example' }, body: '{}' };
		expect((await server.fetch(routes.modelPull(id), foreign)).status).toBe(403);
	});
});
