import type { Api } from '$lib/api/client.ts';
import type { Job, JobRequest } from '$protocol/schema.ts';
import { JobList } from './job-list.svelte.ts';
import { isLocal } from './local-job.ts';

export { isActive } from './job-list.svelte.ts';

type JobsApi = Pick<Api, 'jobs' | 'createJob' | 'cancelJob' | 'retryJob'>;

/** The matting jobs. */
export class Jobs extends JobList<Job, JobRequest> {
	constructor(api: JobsApi, ended?: (job: Job) => void) {
		super(
			{
				list: () => api.jobs(),
				create: (request) => api.createJob(request),
				cancel: (id) => api.cancelJob(id),
				retry: (id) => api.retryJob(id),
				told: (event) => (event.type === 'job' ? event.job : undefined),
				isLocal
			},
			ended
		);
	}
}
