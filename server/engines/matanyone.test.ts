import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore } from '../../models/hub/store.node.ts';
import { encodeMask } from '../../models/mask.ts';
import { defaultMatAnyoneOptions } from '../../models/matanyone/options.ts';
import { defaultMatteOptions } from '../../models/matter.ts';
import { findModel } from '../../models/registry.ts';
import { makeClip } from '../media/fixtures.ts';
import { routes } from '../protocol/routes.ts';
import type { Health, Job, JobRequest } from '../protocol/schema.ts';
import { TestServer } from '../testing/harness.ts';

const size = { width: 96, height: 64 };
const model = findModel('matanyone2')!;
const matanyone = { ...defaultMatAnyoneOptions, warmup: 1, erode: 2, dilate: 2 };

let folder: string;
let weights: string;
let server: TestServer;
let clip: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'splazmatte-matanyone-'));
	const { files } = await makeStandIn(new ModelStore(join(folder, 'weights')), model);
	weights = files[0]!.sha256!;
	const real = { engineHost: undefined, probe: undefined, patience: 30_000 };
	server = await TestServer.start({ weights: join(folder, 'weights') }, real);
	const path = await makeClip(folder, 'clip.mp4', {
		...size,
		timescale: 1000,
		times: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i * 40)
	});
	const file = await readFile(path);
	const location = await server.begin(file.length, { filename: 'clip.mp4' });
	clip = (await server.append(location, 0, file)).headers.get('Upload-Clip')!;
});
afterAll(async () => {
	await server.stop();
	await rm(folder, { recursive: true });
});

function square() {
	const data = new Uint8Array(size.width * size.height);
	for (let y = 16; y < 48; y++) data.fill(255, y * size.width + 32, y * size.width + 64);
	return encodeMask({ ...size, data });
}

function submit(changes: Partial<JobRequest> = {}) {
	return server.submit(clip, {
		keyframes: [{ time: 0.12, mask: square() }],
		engine: 'matanyone2',
		options: { ...defaultMatteOptions, matanyone },
		...changes
	});
}

describe('MatAnyone on the server', { timeout: 120_000 }, () => {
	it('is there with its weights, and says what it runs on', async () => {
		const { engines, runtime } = await server.json<Health>(routes.health);
		const state = engines.find(({ id }) => id === 'matanyone2');
		expect(state).toMatchObject({ available: true, provider: 'cpu', standIn: true, weights });
		expect(engines.find(({ id }) => id === 'matanyone')).toMatchObject({
			available: false,
			problem: { code: 'model-absent', params: { name: 'MatAnyone' } }
		});
		expect(runtime.provider).toBe('cpu');
		expect(runtime.reasons.map(({ provider }) => provider)).toEqual(['cuda', 'webgpu']);
	});

	it('mattes a clip from a mask in its middle, and records how', async () => {
		const { job } = await submit();
		const done = await server.reach(job.id, 'done', 'failed');
		expect(done).toMatchObject({
			state: 'done',
			results: [{ kind: 'alpha' }],
			record: {
				...{ engine: 'matanyone2', provider: 'cpu', precision: 'float32', standIn: true, weights },
				...{ frames: 8, workWidth: 96, workHeight: 64 }
			}
		});
		expect(done.notices).toContainEqual({ code: 'stand-in-weights', params: { engine: 'MatAnyone 2' } });
		const again = await submit({ options: { ...defaultMatteOptions, matanyone, edgeRadius: 3 } });
		expect(again).toMatchObject({ status: 200, job: { id: job.id } });
	});

	it('stops between frames', async () => {
		const { job } = await submit({
			options: { ...defaultMatteOptions, matanyone: { ...matanyone, warmup: 30 } }
		});
		const events = await server.events();
		await events.find((event) => event.type === 'job' && event.job.progress?.stage === 'matte');
		events.close();
		const cancelled = await server.json<Job>(routes.job(job.id), { method: 'DELETE' });
		expect(cancelled.state).toBe('cancelled');
		// The engine is free for the next one.
		const { job: next } = await submit();
		expect((await server.reach(next.id, 'done', 'failed')).state).toBe('done');
	});

	it('refuses a job whose engine has no weights', async () => {
		const { status, job } = await submit({ engine: 'matanyone' });
		expect({ status, error: job }).toMatchObject({ status: 404, error: { code: 'model-absent' } });
		expect((await submit({ engine: 'matanyone2-web' })).status).toBe(503);
	});
});
