import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routes } from '../protocol/routes.ts';
import type { Health, Job } from '../protocol/schema.ts';
import { UnfinishedWork } from '../store/unfinished.ts';
import { TestServer } from '../testing/harness.ts';

let server: TestServer;
let free = 1e12;

const start = async () => {
	server = await TestServer.start({}, { freeSpace: () => Promise.resolve(free) });
};
const stop = () => server.stop();

const outputs = (id: string) => join(server.workspace, 'sessions', id, 'outputs');
const cancel = (id: string) => server.fetch(routes.job(id), { method: 'DELETE' });
const retry = (id: string) => server.fetch(routes.retry(id), { method: 'POST' });

describe('a job', () => {
	beforeAll(start);
	afterAll(stop);

	it('runs, tells of it, and leaves results under the clip’s name', async () => {
		const clip = await server.clip();
		const events = await server.events();
		const { status, job } = await server.submit(clip);
		expect(status).toBe(201);
		const done = await server.reach(job.id, 'done');
		expect(done).toMatchObject({
			results: [{ kind: 'alpha', file: 'My clip_alpha.mp4', bytes: 10, mime: 'video/mp4' }],
			notices: [{ code: 'audio-dropped' }],
			record: { provider: 'fake', frames: 10, version: expect.any(String) as string }
		});
		await events.find((event) => event.type === 'job' && event.job.state === 'done');
		const states = events.events.flatMap((event) => (event.type === 'job' ? [event.job.state] : []));
		expect(states.filter((state, index) => state !== states[index - 1])).toEqual([
			'queued',
			'running',
			'done'
		]);
		events.close();

		const download = await server.fetch(`${routes.output(job.id, 'alpha')}?download`);
		expect(await download.text()).toBe('0123456789');
		expect(download.headers.get('Content-Disposition')).toContain("filename*=UTF-8''My%20clip_alpha.mp4");
		expect((await server.fetch(routes.output(job.id, 'webm'))).status).toBe(404);
	});

	it('with the same key is the same job, also after a restart', async () => {
		const clip = await server.clip();
		const first = await server.submit(clip);
		const second = await server.submit(clip, { name: 'renamed.mp4' });
		expect(second).toMatchObject({ status: 200, job: { id: first.job.id } });
		await server.reach(first.job.id, 'done');
		server = await server.restart();
		expect(await server.submit(clip)).toMatchObject({
			status: 200,
			job: { id: first.job.id, state: 'done' }
		});
		expect((await server.submit(clip, { outputs: ['webm'] })).status).toBe(201);
		await rm(outputs(first.job.id), { recursive: true });
		expect(await server.submit(clip)).toMatchObject({ status: 201 });
	});

	it('estimates its time from the jobs before it', async () => {
		const { job } = await server.submit(await server.clip());
		await server.reach(job.id, 'done');
		const health = await server.json<Health>(routes.health);
		expect(health.engines[0]).toMatchObject({ id: 'classic', available: true, pixelsPerSecond: 80 });
		const next = await server.submit(await server.clip('wait'));
		const running = await server.reach(next.job.id, 'running');
		expect(running.progress!.etaMs).toBeGreaterThan(500);
		expect(running.progress!.etaMs).toBeLessThanOrEqual(1000);
		await cancel(next.job.id);
	});

	it.each([
		['full', 'disk-full'],
		['refuse', 'mask-empty'],
		['defect', 'internal'],
		['die', 'engine-died']
	])('that meets "%s" fails with %s, leaves nothing, and the next one works', async (script, code) => {
		const { job } = await server.submit(await server.clip(script));
		expect(await server.reach(job.id, 'failed')).toMatchObject({ error: { code }, results: [] });
		expect(await readdir(outputs(job.id))).toEqual([]);
		const next = await server.submit(await server.clip());
		await server.reach(next.job.id, 'done');
	});

	it('does not begin on a disk that it would fill', async () => {
		const clip = await server.clip();
		free = 100e6;
		const { job } = await server.submit(clip);
		expect(await server.reach(job.id, 'failed')).toMatchObject({ error: { code: 'disk-full' } });
		free = 1e12;
		expect(await (await retry(job.id)).json()).toMatchObject({ id: job.id });
		expect((await server.reach(job.id, 'done')).error).toBeUndefined();
	});

	it.each([
		['a mask of another size', { width: 2, height: 4, counts: [1, 7] }, 0, 'mask-size'],
		['an empty mask', { width: 4, height: 2, counts: [8] }, 0, 'mask-empty'],
		['a keyframe outside the clip', { width: 4, height: 2, counts: [1, 7] }, 9, 'keyframe-missing'],
		['run lengths that do not add up', { width: 4, height: 2, counts: [1] }, 0, 'request-invalid']
	])('is refused with %s', async (_case, mask, time, code) => {
		const { status, job } = await server.submit(await server.clip(), { keyframes: [{ time, mask }] });
		expect(job).toMatchObject({ code });
		expect(status).toBe(code === 'request-invalid' ? 400 : 422);
	});

	it('is refused with a segmenter where nothing is tracked', async () => {
		const changes = { engine: 'matanyone2', segmenter: 'sam3' } as const;
		const { status, job } = await server.submit(await server.clip(), changes);
		expect({ status, job }).toMatchObject({ status: 400, job: { code: 'request-invalid' } });
	});

	it('is refused without its clip, or when it is no JSON', async () => {
		expect(await server.submit('0'.repeat(64))).toMatchObject({ status: 404, job: { code: 'clip-missing' } });
		const response = await server.fetch(routes.jobs, { method: 'POST', body: '{' });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ code: 'request-invalid' });
	});
});

describe('the queue', () => {
	beforeAll(start);
	afterAll(stop);

	it('runs one job at a time, in order, and tells how many are ahead', async () => {
		const first = await server.submit(await server.clip('wait'));
		await server.reach(first.job.id, 'running');
		const second = await server.submit(await server.clip());
		const third = await server.submit(await server.clip());
		expect(second.job).toMatchObject({ state: 'queued', position: 1 });
		expect(third.job).toMatchObject({ state: 'queued', position: 2 });
		const ids = (await server.json<Job[]>(routes.jobs)).map(({ id }) => id);
		expect(ids.slice(0, 3)).toEqual([third.job.id, second.job.id, first.job.id]);

		const events = await server.events();
		await cancel(first.job.id);
		await server.reach(third.job.id, 'done');
		const done = events.events.flatMap((event) =>
			event.type === 'job' && event.job.state === 'done' ? [event.job.id] : []
		);
		expect(done).toEqual([second.job.id, third.job.id]);
		events.close();
	});

	it('cancels what waits and what runs at once, and runs it again when asked', async () => {
		const running = await server.submit(await server.clip('wait'));
		const waiting = await server.submit(await server.clip());
		await server.reach(running.job.id, 'running');
		expect(await (await cancel(waiting.job.id)).json()).toMatchObject({ state: 'cancelled' });
		expect(await (await cancel(running.job.id)).json()).toMatchObject({ state: 'cancelled' });
		const again = await cancel(running.job.id);
		expect(again.status).toBe(409);
		expect(await again.json()).toEqual({ code: 'job-state', params: { state: 'cancelled' } });

		expect((await retry(waiting.job.id)).status).toBe(200);
		await server.reach(waiting.job.id, 'done');
		expect((await retry(waiting.job.id)).status).toBe(409);
		expect(await readdir(outputs(running.job.id))).toEqual([]);
	});

	it('goes on with what was cancelled when the same is asked for again, if something was kept', async () => {
		const clip = await server.clip('wait');
		const { job } = await server.submit(clip);
		await server.reach(job.id, 'running');
		const making = { key: 'this', frames: 4, width: 1, height: 1 };
		const work = await UnfinishedWork.open(join(server.workspace, 'sessions', job.id, 'unfinished'), making);
		for (const index of [0, 1]) await work.write(index, { width: 1, height: 1, data: Uint8Array.of(9) });
		await work.keep({ frames: 2, state: Uint8Array.of(1) });

		await cancel(job.id);
		// The engine may not have stopped yet.
		expect(await server.submit(clip)).toMatchObject({ status: 200, job: { id: job.id } });
		await server.reach(job.id, 'running');
		const events = await server.events();
		await cancel(job.id);
		await events.find((event) => event.type === 'job' && event.job.kept === 2);
		events.close();
		const again = await server.submit(clip);
		expect(again).toMatchObject({ status: 200, job: { id: job.id, kept: 2 } });
		await server.reach(job.id, 'running');
		await cancel(job.id);
	});

	it('begins anew when what is asked for again has kept nothing', async () => {
		const clip = await server.clip('defect');
		const first = await server.submit(clip);
		await server.reach(first.job.id, 'failed');
		const second = await server.submit(clip);
		expect(second.status).toBe(201);
		expect(second.job.id).not.toBe(first.job.id);
		await server.reach(second.job.id, 'failed');
	});

	it('ends an engine that does not hear that its job is cancelled', async () => {
		const deaf = await server.submit(await server.clip('hang'));
		await server.reach(deaf.job.id, 'running');
		await cancel(deaf.job.id);
		const next = await server.submit(await server.clip());
		await server.reach(next.job.id, 'done');
	});

	it('goes on after a restart: what ran was interrupted, what waited runs, what was done is there', async () => {
		const done = await server.submit(await server.clip());
		await server.reach(done.job.id, 'done');
		const running = await server.submit(await server.clip('wait'));
		const waiting = await server.submit(await server.clip());
		await server.reach(running.job.id, 'running');
		server = await server.restart();
		expect(await server.json(routes.job(running.job.id))).toMatchObject({
			state: 'interrupted',
			results: []
		});
		await server.reach(waiting.job.id, 'done');
		expect(await (await server.fetch(routes.output(done.job.id, 'alpha'))).text()).toBe('0123456789');
		expect((await retry(running.job.id)).status).toBe(200);
		await server.reach(running.job.id, 'running');
	});
});

describe('retention', () => {
	beforeEach(start);
	afterEach(stop);

	it('keeps the newest sessions, and the clips that they need', async () => {
		const clips = [await server.clip(), await server.clip(), await server.clip('wait')];
		const jobs: Job[] = [];
		for (const clip of clips.slice(0, 2)) {
			const { job } = await server.submit(clip);
			jobs.push(await server.reach(job.id, 'done'));
		}
		server = await server.restart({ keepSessions: 1 });
		expect((await server.json<Job[]>(routes.jobs)).map(({ id }) => id)).toEqual([jobs[1]!.id]);
		await expect(access(join(server.workspace, 'sessions', jobs[0]!.id))).rejects.toThrow();
		// Not old enough to go, though nothing needs it any more.
		expect((await server.fetch(routes.clip(clips[0]!))).status).toBe(200);
	});

	it('never removes a job that runs, and tells of those that it removes', async () => {
		server = await server.restart({ keepSessions: 1 });
		const running = await server.submit(await server.clip('wait'));
		await server.reach(running.job.id, 'running');
		const waiting = await server.submit(await server.clip());
		const events = await server.events();
		await cancel(waiting.job.id);
		await cancel(running.job.id);
		await events.find((event) => event.type === 'job-removed' && event.id === running.job.id);
		expect((await server.json<Job[]>(routes.jobs)).map(({ id }) => id)).toEqual([waiting.job.id]);
		events.close();
	});
});
