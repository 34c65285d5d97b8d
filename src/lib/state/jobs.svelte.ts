import { SvelteMap } from 'svelte/reactivity';
import type { Api } from '$lib/api/client.ts';
import type { Job, JobRequest, JobState } from '$protocol/schema.ts';
import { isLocal } from './local-job.ts';
import type { EventSink } from './server-connection.svelte.ts';

/** Whether a job in this state is still to end. */
export function isActive(state: JobState): boolean {
	return state === 'queued' || state === 'running';
}

/** The server's jobs, as its events tell them, and those that this browser does itself. */
export class Jobs implements EventSink {
	#byId = new SvelteMap<string, Job>();
	/** Ids that events have named since the last loading began. */
	#touched: string[] = [];
	/** Newest first. */
	readonly all = $derived([...this.#byId.values()].sort((a, b) => b.created - a.created));

	constructor(
		private readonly api: Pick<Api, 'jobs' | 'createJob' | 'cancelJob' | 'retryJob'>,
		/** Called with every job that has just come to its end. */
		private readonly ended: (job: Job) => void = () => {}
	) {}

	get(id: string): Job | undefined {
		return this.#byId.get(id);
	}

	/** The jobs of a clip, newest first. */
	ofClip(hash: string | undefined): Job[] {
		return this.all.filter(({ clip }) => clip === hash);
	}

	apply: EventSink['apply'] = (event) => {
		// Tracking jobs are none of these.
		if (event.type === 'track') return;
		this.#touched.push(event.type === 'job' ? event.job.id : event.id);
		if (event.type === 'job') this.put(event.job);
		else if (event.type === 'job-removed') this.#byId.delete(event.id);
	};

	reload: EventSink['reload'] = async () => {
		this.#touched = [];
		const jobs = await this.api.jobs();
		const ids = jobs.map(({ id }) => id);
		// An event that came meanwhile is at least as new as the list.
		for (const job of this.#byId.values()) {
			const known = isLocal(job) || ids.includes(job.id) || this.#touched.includes(job.id);
			if (!known) this.#byId.delete(job.id);
		}
		for (const job of jobs) if (!this.#touched.includes(job.id)) this.put(job);
	};

	/** Asks for a job; the answer may be one that was done before from the same clip, masks and settings. */
	async create(request: JobRequest): Promise<Job> {
		const job = await this.api.createJob(request);
		// Its first events may have come before the answer.
		if (!this.#byId.has(job.id)) this.put(job);
		return this.#byId.get(job.id)!;
	}

	cancel(id: string): Promise<void> {
		return this.api.cancelJob(id);
	}

	retry(id: string): Promise<void> {
		return this.api.retryJob(id);
	}

	/** Takes a job as it is now. */
	put(job: Job): void {
		const before = this.#byId.get(job.id);
		this.#byId.set(job.id, job);
		if (before && isActive(before.state) && !isActive(job.state)) this.ended(job);
	}
}
