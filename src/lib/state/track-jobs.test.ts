import { describe, expect, it, vi } from 'vitest';
import { someJob, someTrackJob } from '$lib/testing/fakes.ts';
import { TrackJobs } from './track-jobs.svelte.ts';

function setup() {
	const api = {
		tracks: vi.fn(async () => [someTrackJob({ id: 't1' })]),
		createTrack: vi.fn(async () => someTrackJob({ id: 't2' })),
		cancelJob: vi.fn(async () => {}),
		retryJob: vi.fn(async () => {})
	};
	const ended = vi.fn();
	return { api, ended, jobs: new TrackJobs(api, ended) };
}

describe('TrackJobs', () => {
	it('knows the tracking jobs and no others', async () => {
		const { jobs } = setup();
		await jobs.reload();
		jobs.apply({ type: 'job', seq: 1, job: someJob({ id: 'j1' }) });
		jobs.apply({ type: 'track', seq: 2, id: 't3', job: someTrackJob({ id: 't3', created: 2000 }) });
		expect(jobs.all.map(({ id }) => id)).toEqual(['t3', 't1']);
		jobs.apply({ type: 'job-removed', seq: 3, id: 't1' });
		expect(jobs.get('t1')).toBeUndefined();
	});

	it('asks for one, and tells once of its end', async () => {
		const { jobs, ended } = setup();
		expect((await jobs.create({ clip: 'a'.repeat(64), name: 'clip.mp4', targets: [] })).id).toBe('t2');
		const done = someTrackJob({ id: 't2', state: 'done' });
		jobs.apply({ type: 'track', seq: 1, id: 't2', job: done });
		jobs.apply({ type: 'track', seq: 2, id: 't2', job: done });
		expect(ended).toHaveBeenCalledExactlyOnceWith(done);
	});
});
