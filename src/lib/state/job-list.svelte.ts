import { SvelteMap } from 'svelte/reactivity';
import type { AnyJob, JobState, ServerEvent } from '$protocol/schema.ts';
import type { EventSink } from './server-connection.svelte.ts';

/** Whether a job in this state is still to end. */
export function isActive(state: JobState): boolean {
	return state === 'queued' || state === 'running';
}

/** How the server is spoken to about jobs of one kind. */
export interface JobSource<J extends AnyJob, R> {
	list(): Promise<J[]>;
	create(request: R): Promise<J>;
	cancel(id: string): Promise<void>;
	retry(id: string): Promise<void>;
	/** The job that an event tells of, if it is of this kind. */
	told(event: ServerEvent): J | undefined;
	/** Whether the server knows nothing of a job, so that its list says nothing of it either. */
	isLocal?(job: J): boolean;
}

/** The server's jobs of one kind, as its events tell them, and those that this browser does itself. */
export class JobList<J extends AnyJob, R> implements EventSink {
	#byId = new SvelteMap<string, J>();
	/** Ids that events have named since the last loading began. */
	#touched: string[] = [];
	/** Called whenever any job has changed. */
	#watchers: readonly (() => void)[] = [];
	/** Newest first. */
	readonly all = $derived([...this.#byId.values()].sort((a, b) => b.created - a.created));

	constructor(
		private readonly source: JobSource<J, R>,
		/** Called with every job that has just come to its end. */
		private readonly ended: (job: J) => void = () => {}
	) {}

	get(id: string): J | undefined {
		return this.#byId.get(id);
	}

	/** The jobs of a clip, newest first. */
	ofClip(hash: string | undefined): J[] {
		return this.all.filter(({ clip }) => clip === hash);
	}

	apply: EventSink['apply'] = (event) => {
		const job = this.source.told(event);
		if (job) {
			this.#touched.push(job.id);
			this.put(job);
		} else if (event.type === 'job-removed') {
			this.#touched.push(event.id);
			this.#remove(event.id);
		}
	};

	reload: EventSink['reload'] = async () => {
		this.#touched = [];
		const jobs = await this.source.list();
		const ids = jobs.map(({ id }) => id);
		// An event that came meanwhile is at least as new as the list.
		for (const job of this.#byId.values()) {
			const known = this.source.isLocal?.(job) || ids.includes(job.id) || this.#touched.includes(job.id);
			if (!known) this.#remove(job.id);
		}
		for (const job of jobs) if (!this.#touched.includes(job.id)) this.put(job);
	};

	/** Asks for a job; the answer may be one that was done before from the same clip, masks and settings. */
	async create(request: R): Promise<J> {
		const job = await this.source.create(request);
		// Its first events may have come before the answer.
		if (!this.#byId.has(job.id)) this.put(job);
		return this.#byId.get(job.id)!;
	}

	cancel(id: string): Promise<void> {
		return this.source.cancel(id);
	}

	retry(id: string): Promise<void> {
		return this.source.retry(id);
	}

	/** Resolves with a job as soon as it, or its absence, is what is waited for. */
	when(id: string, fits: (job: J | undefined) => boolean): Promise<J | undefined> {
		return new Promise((resolve) => {
			const look = () => {
				const job = this.#byId.get(id);
				if (!fits(job)) return;
				this.#watchers = this.#watchers.filter((watcher) => watcher !== look);
				resolve(job);
			};
			this.#watchers = [...this.#watchers, look];
			look();
		});
	}

	/** Takes a job as it is now. */
	put(job: J): void {
		const before = this.#byId.get(job.id);
		this.#byId.set(job.id, job);
		for (const look of this.#watchers) look();
		if (before && isActive(before.state) && !isActive(job.state)) this.ended(job);
	}

	#remove(id: string): void {
		this.#byId.delete(id);
		for (const look of this.#watchers) look();
	}
}
