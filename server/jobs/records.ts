import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { describeFailure } from '../failure.ts';
import { appError } from '../protocol/errors.ts';
import type { AnyJob, Job, Progress, Result, TrackJob, TrackResult } from '../protocol/schema.ts';
import type { Session, SessionStore } from '../store/sessions.ts';
import type { EventLog } from './events.ts';

/** Milliseconds between two reports of one job's progress. */
const REPORT_EVERY = 200;

/** A result's bytes on the disk. */
export type StoredResult = (Result | TrackResult) & {
	readonly path: string;
	/** Names these bytes. */
	readonly tag: string;
};

export interface RecordParts {
	readonly sessions: SessionStore;
	readonly events: EventLog;
	readonly log: Logger;
}

/** What is known of the jobs: every change is written to the disk and told to everyone who listens. */
export class JobRecords {
	readonly #reports = new Map<string, NodeJS.Timeout>();

	/** @param positionOf how many jobs are ahead of one that waits */
	constructor(
		private readonly parts: RecordParts,
		private readonly positionOf: (id: string) => number | undefined
	) {}

	/** @throws CodedError `job-missing` */
	get(id: string): Session {
		const session = this.parts.sessions.get(id);
		if (!session) throw appError('job-missing');
		return session;
	}

	/** A job as clients see it. */
	view({ job }: Session): AnyJob {
		const position = this.positionOf(job.id);
		return position === undefined ? job : { ...job, position };
	}

	/** Changes a job, on the disk and for everyone who listens. What the disk does not take is only logged: the job goes on. */
	async change(session: Session, changes: Partial<Job> | Partial<TrackJob>): Promise<void> {
		session.job = { ...session.job, ...changes } as AnyJob;
		clearTimeout(this.#reports.get(session.job.id));
		this.#reports.delete(session.job.id);
		this.parts.events.changed(this.view(session));
		await this.parts.sessions.save(session).catch((err) => {
			this.parts.log.error({ job: session.job.id, err }, 'cannot write the session');
		});
	}

	/** Takes down how far a job is; clients hear of it now and then. */
	progress(session: Session, progress: Progress): void {
		if (session.job.state !== 'running') return;
		session.job = { ...session.job, progress };
		const { id } = session.job;
		if (this.#reports.has(id)) return;
		const report = () => {
			this.#reports.delete(id);
			this.parts.events.changed(this.view(session));
		};
		this.#reports.set(id, setTimeout(report, REPORT_EVERY));
	}

	/** Takes down that a job failed; what no user can be told is in the log, under the id that the job names. */
	async fail(session: Session, error: unknown, changes: Pick<Job, 'kept'>): Promise<void> {
		const { job } = session;
		const known = describeFailure(error).error;
		const logId = randomBytes(4).toString('hex');
		this.parts.log.error({ id: logId, job: job.id, err: error }, 'job failed');
		await this.change(session, {
			...changes,
			state: 'failed',
			finished: Date.now(),
			progress: undefined,
			error: known ?? { code: 'internal', params: { id: logId } }
		});
	}

	/**
	 * Where a result lies.
	 * @throws CodedError `job-missing`, `result-missing`
	 */
	output(id: string, kind: string): StoredResult {
		const { job, files } = this.get(id);
		const results: (Result | TrackResult)[] = job.results;
		const result = results.find((other) => other.kind === kind);
		const file = result && files[result.kind];
		if (!file) throw appError('result-missing');
		const path = join(this.parts.sessions.outputs(id), file);
		return { ...result, path, tag: `${job.key.slice(0, 16)}-${result.kind}-${job.finished}` };
	}

	/** A done job whose files someone has removed does not stand in the way of doing it again. */
	async forgetLostResults(key: string): Promise<void> {
		for (const session of this.parts.sessions.all()) {
			const { job } = session;
			if (job.key !== key || job.state !== 'done') continue;
			const results: (Result | TrackResult)[] = job.results;
			const paths = results.map(({ kind }) => this.output(job.id, kind).path);
			const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
			if (found.includes(undefined)) {
				await this.change(session, {
					state: 'failed',
					results: [],
					error: { code: 'result-missing', params: {} }
				});
			}
		}
	}
}
