import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { routes } from '../protocol/routes.ts';
import type { Job, TrackJob, TrackJobRequest } from '../protocol/schema.ts';
import { TestServer } from '../testing/harness.ts';

let server: TestServer;
beforeEach(async () => {
	server = await TestServer.start();
});
afterEach(() => server.stop());

const mask = { width: 4, height: 2, counts: [1, 2, 5] };
const click = { kind: 'point', x: 1, y: 1, positive: true } as const;
const keyframe = { time: 0, prompts: [click] };
const target = (id: number, time = 0) => ({ id, keyframes: [{ ...keyframe, time }] });

async function track(clip: string, changes: Partial<TrackJobRequest> = {}) {
	const request: TrackJobRequest = { clip, name: 'My clip.mp4', targets: [target(1)], ...changes };
	const response = await server.fetch(routes.tracks, { method: 'POST', body: JSON.stringify(request) });
	return { status: response.status, job: (await response.json()) as TrackJob };
}

const reach = (id: string, state: TrackJob['state']) => server.reach<TrackJob>(id, state);

describe('a tracking job', () => {
	it('runs, tells of it, and leaves masks under the clip’s name', async () => {
		const { status, job } = await track(await server.clip());
		expect(status).toBe(201);
		expect(job).toMatchObject({ kind: 'track', segmenter: 'classic', results: [] });
		const done = await reach(job.id, 'done');
		expect(done).toMatchObject({
			results: [{ kind: 'masks', file: 'My clip_masks.jsonl' }],
			record: { segmenter: 'classic', provider: 'fake', frames: 10 }
		});
		const download = await server.fetch(`${routes.output(job.id, 'masks')}?download`);
		expect(await download.text()).toBe('0123456789');
		expect(await server.json<TrackJob[]>(routes.tracks)).toEqual([done]);
		expect(await server.json<Job[]>(routes.jobs)).toEqual([]);
	});

	it('is done once: the same targets, in whatever order, are the same job, also after a restart', async () => {
		const clip = await server.clip();
		const two = [target(1), target(2, 0.5)];
		const { job } = await track(clip, { targets: two });
		await reach(job.id, 'done');
		server = await server.restart();
		const same = { status: 200, job: { id: job.id } };
		expect(await track(clip, { targets: [...two].reverse(), name: 'renamed.mp4' })).toMatchObject(same);
		expect(await track(clip, { targets: two, segmenter: 'classic' })).toMatchObject(same);
		expect(await track(clip, { targets: [target(1)] })).toMatchObject({ status: 201 });
		expect(await track(clip, { targets: two, to: 0.5 })).toMatchObject({ status: 201 });
	});

	it('is cancelled and run again as others are, and waits for them', async () => {
		const { job } = await track(await server.clip('wait'));
		const matting = await server.submit(await server.clip());
		await reach(job.id, 'running');
		expect(matting.job).toMatchObject({ state: 'queued', position: 1 });
		await server.fetch(routes.job(job.id), { method: 'DELETE' });
		expect(await reach(job.id, 'cancelled')).toMatchObject({ results: [] });
		await server.reach(matting.job.id, 'done');
		expect(await readdir(join(server.workspace, 'sessions', job.id, 'outputs'))).toEqual([]);
		expect((await server.fetch(routes.retry(job.id), { method: 'POST' })).status).toBe(200);
		await reach(job.id, 'running');
		server = await server.restart();
		expect(await server.json(routes.job(job.id))).toMatchObject({ kind: 'track', state: 'interrupted' });
	});

	it.each<[string, Partial<TrackJobRequest>, number, string]>([
		['nothing to follow', { targets: [] }, 422, 'keyframe-missing'],
		['a keyframe behind the end', { targets: [target(1, 2)] }, 422, 'keyframe-missing'],
		['a range behind the end', { from: 2 }, 422, 'keyframe-missing'],
		['a range that ends before it begins', { from: 0.5, to: 0.2 }, 400, 'request-invalid'],
		['two targets of one id', { targets: [target(1), target(1)] }, 400, 'request-invalid'],
		[
			'more keyframes than all targets may have together',
			{ targets: [1, 2, 3].map((id) => ({ ...target(id), keyframes: Array(700).fill(keyframe) })) },
			...([400, 'request-invalid'] as const)
		],
		['a target without keyframes', { targets: [{ id: 1, keyframes: [] }] }, 400, 'request-invalid'],
		[
			'a keyframe that says nothing',
			{ targets: [{ id: 1, keyframes: [{ time: 0, prompts: [] }] }] },
			422,
			'prompt-empty'
		],
		[
			'a mask of another size',
			{ targets: [{ id: 1, keyframes: [{ time: 0, prompts: [], mask: { ...mask, width: 2, height: 4 } }] }] },
			...([422, 'mask-size'] as const)
		],
		['words that only SAM 3 reads', { concept: { what: { words: 'dog' } } }, 404, 'model-absent'],
		[
			'words for another',
			{ concept: { what: { words: 'dog' } }, segmenter: 'classic' },
			422,
			'prompt-unknown'
		]
	])('is refused for %s', async (_, changes, status, code) => {
		const answer = await track(await server.clip(), changes);
		expect(answer).toMatchObject({ status, job: { code } });
	});
});
