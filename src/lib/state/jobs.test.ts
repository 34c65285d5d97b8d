import { describe, expect, it, vi } from 'vitest';
import { someHash, someJob } from '$lib/testing/fakes.ts';
import type { Job, JobRequest, TrackJob } from '$protocol/schema.ts';
import { Jobs } from './jobs.svelte.ts';

const request = {} as JobRequest;

function setup(listed: Job[] = []) {
	const api = {
		jobs: vi.fn(async () => listed),
		createJob: vi.fn(async () => someJob()),
		cancelJob: vi.fn(async () => {}),
		retryJob: vi.fn(async () => {})
	};
	const ended = vi.fn();
	return { api, ended, jobs: new Jobs(api, ended) };
}

describe('Jobs', () => {
	it('lists a clip’s jobs, newest first', async () => {
		const other = someJob({ id: 'x', clip: 'f'.repeat(64) });
		const { jobs } = setup([someJob(), other, someJob({ id: 'j2', created: 2000 })]);
		await jobs.reload();
		expect(jobs.ofClip(someHash).map(({ id }) => id)).toEqual(['j2', 'j1']);
		expect(jobs.ofClip(undefined)).toEqual([]);
	});

	it('forgets on loading what the server does not have any more', async () => {
		const { jobs } = setup([someJob({ id: 'j2' })]);
		jobs.apply({ type: 'job', seq: 1, job: someJob() });
		await jobs.reload();
		expect(jobs.all.map(({ id }) => id)).toEqual(['j2']);
	});

	it('trusts an event over a list that was asked for before it', async () => {
		const { api, jobs } = setup();
		let answer!: (jobs: Job[]) => void;
		api.jobs.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
		const loading = jobs.reload();
		jobs.apply({ type: 'job', seq: 1, job: someJob({ state: 'done' }) });
		jobs.apply({ type: 'job-removed', seq: 2, id: 'gone' });
		answer([someJob({ state: 'running' }), someJob({ id: 'gone' })]);
		await loading;
		expect(jobs.all.map(({ id, state }) => [id, state])).toEqual([['j1', 'done']]);
	});

	it('takes news of a tracking job for no news of its own', async () => {
		const { jobs } = setup();
		jobs.apply({ type: 'job', seq: 1, job: someJob() });
		const job: TrackJob = { ...someJob(), kind: 'track', segmenter: 'classic', results: [] };
		jobs.apply({ type: 'track', seq: 2, id: 'j1', job });
		expect(jobs.all).toEqual([someJob()]);
		jobs.apply({ type: 'job-removed', seq: 3, id: 'j1' });
		expect(jobs.all).toEqual([]);
	});

	it('does not step back when events come before the answer to a new job', async () => {
		const { api, jobs } = setup();
		api.createJob.mockImplementationOnce(async () => {
			jobs.apply({ type: 'job', seq: 1, job: someJob({ state: 'running' }) });
			return someJob();
		});
		expect((await jobs.create(request)).state).toBe('running');
	});

	it('tells once of every job that ends', () => {
		const { jobs, ended } = setup();
		jobs.apply({ type: 'job', seq: 1, job: someJob({ state: 'done', id: 'old' }) });
		jobs.apply({ type: 'job', seq: 2, job: someJob({ state: 'running' }) });
		jobs.apply({ type: 'job', seq: 3, job: someJob({ state: 'done' }) });
		jobs.apply({ type: 'job', seq: 4, job: someJob({ state: 'done' }) });
		expect(ended.mock.calls.map(([job]) => job.id)).toEqual(['j1']);
	});
});
