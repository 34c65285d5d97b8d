import type { Api } from '$lib/api/client.ts';
import type { TrackJob, TrackJobRequest } from '$protocol/schema.ts';
import { JobList } from './job-list.svelte.ts';

type TracksApi = Pick<Api, 'tracks' | 'createTrack' | 'cancelJob' | 'retryJob'>;

/** The server's tracking jobs. */
export class TrackJobs extends JobList<TrackJob, TrackJobRequest> {
	constructor(api: TracksApi, ended?: (job: TrackJob) => void) {
		super(
			{
				list: () => api.tracks(),
				create: (request) => api.createTrack(request),
				cancel: (id) => api.cancelJob(id),
				retry: (id) => api.retryJob(id),
				told: (event) => (event.type === 'track' ? event.job : undefined)
			},
			ended
		);
	}
}
