import { randomBytes } from 'node:crypto';
import type { JobOutcome } from '../engines/job-spec.ts';
import type { RunHooks } from '../engines/process.ts';
import type { TrackOutcome } from '../engines/track-spec.ts';
import { appError } from '../protocol/errors.ts';
import { saveName } from '../protocol/names.ts';
import {
	isTrackJob,
	type AnyJob,
	type Clip,
	type Job,
	type JobRequest,
	type Progress,
	type Result,
	type TrackJob,
	type TrackJobRequest,
	type TrackResult
} from '../protocol/schema.ts';
import type { ClipStore } from '../store/clips.ts';
import type { Session } from '../store/sessions.ts';
import { UnfinishedWork } from '../store/unfinished.ts';
import { frameCount } from './disk.ts';
import { JobRecords, type RecordParts, type StoredResult } from './records.ts';
import type { Plan, Work } from './work.ts';
import type { Works } from './works.ts';

export interface QueueParts extends RecordParts {
	readonly clips: ClipStore;
	readonly works: Works;
	readonly run: (plan: Plan, hooks: RunHooks) => Promise<JobOutcome | TrackOutcome>;
	/** Bytes free where the sessions lie. */
	readonly freeSpace: () => Promise<number>;
	readonly concurrency: number;
	/** The program's version. */
	readonly version: string;
	/** Called whenever a job has ended. */
	readonly onEnded: () => void;
}

/** Takes jobs, runs them in turn, and tells of every change. */
export class JobQueue {
	/** Ids of the jobs that wait, first come first. */
	#waiting: string[] = [];
	/** Jobs that occupy an engine: those that run, and cancelled ones until the engine has stopped. */
	readonly #running = new Map<string, { controller: AbortController; ended: Promise<void> }>();
	readonly #records: JobRecords;
	#closed = false;

	constructor(private readonly parts: QueueParts) {
		this.#records = new JobRecords(parts, (id) => this.#position(id));
	}

	/** Takes up what an earlier run of the server left: jobs that waited wait again, one that ran was interrupted. */
	async resume(): Promise<void> {
		for (const session of this.parts.sessions.all().reverse()) {
			if (session.job.state === 'queued') this.#waiting.push(session.job.id);
			if (session.job.state === 'done') await this.parts.sessions.clearUnfinished(session.job.id);
			if (session.job.state === 'running') {
				await this.parts.sessions.clearOutputs(session.job.id);
				await this.#records.change(session, {
					state: 'interrupted',
					finished: Date.now(),
					progress: undefined,
					kept: await this.#kept(session)
				});
			}
		}
		this.#next();
	}

	/** Every matting job, newest first. */
	get matteJobs(): Job[] {
		return this.#all.filter((job): job is Job => !isTrackJob(job));
	}

	/** Every tracking job, newest first. */
	get trackJobs(): TrackJob[] {
		return this.#all.filter(isTrackJob);
	}

	/** @throws CodedError `job-missing` */
	get(id: string): AnyJob {
		return this.#records.view(this.#records.get(id));
	}

	get counts(): { running: number; queued: number } {
		// One that has just ended still tidies up behind itself.
		const running = [...this.#running.keys()].filter((id) => this.#records.get(id).job.state === 'running');
		return { running: running.length, queued: this.#waiting.length };
	}

	/** Whether a job's folder is in use. */
	isBusy(id: string): boolean {
		return this.#running.has(id) || this.#waiting.includes(id);
	}

	/**
	 * Takes a matting job. One with the same key that is done or under way is returned instead; one that did not end well, but has kept what it
	 * made, goes on.
	 * @throws CodedError `clip-missing`, `mask-size`, `mask-empty`, `keyframe-missing`; what keeps the engine from running
	 */
	async submit(request: JobRequest): Promise<{ job: AnyJob; created: boolean }> {
		const clip = this.#clip(request.clip);
		return this.#take(request.name, clip, this.parts.works.matte(request, clip));
	}

	/**
	 * The same for a tracking job.
	 * @throws CodedError `clip-missing`, `keyframe-missing`, `mask-…`, `prompt-…`, `box-empty`, `words-empty`; what keeps the segmenter from
	 * running
	 */
	async submitTrack(request: TrackJobRequest): Promise<{ job: AnyJob; created: boolean }> {
		const clip = this.#clip(request.clip);
		return this.#take(request.name, clip, await this.parts.works.track(request, clip));
	}

	/**
	 * Cancels a job that waits or runs. It counts as cancelled at once; its engine may take a moment longer to stop.
	 * @throws CodedError `job-missing`, `job-state`
	 */
	async cancel(id: string): Promise<AnyJob> {
		const session = this.#records.get(id);
		const { state } = session.job;
		if (state !== 'queued' && state !== 'running') throw appError('job-state', { state });
		this.#waiting = this.#waiting.filter((other) => other !== id);
		const changed = this.#records.change(session, {
			state: 'cancelled',
			finished: Date.now(),
			progress: undefined
		});
		this.#running.get(id)?.controller.abort();
		await changed;
		this.#tellPositions();
		return this.#records.view(session);
	}

	/**
	 * Queues a job again that failed, was cancelled or was interrupted.
	 * @throws CodedError `job-missing`, `job-state`
	 */
	async retry(id: string): Promise<AnyJob> {
		const session = this.#records.get(id);
		const work = await this.parts.works.ofSession(session);
		const key = await work.key();
		if (!isResumable(session.job)) throw appError('job-state', { state: session.job.state });
		return this.#again(session, key);
	}

	/**
	 * Where a result lies.
	 * @throws CodedError `job-missing`, `result-missing`
	 */
	output(id: string, kind: string): StoredResult {
		return this.#records.output(id, kind);
	}

	/** Interrupts what runs; what waits stays in the queue for the next run of the server. */
	async close(): Promise<void> {
		this.#closed = true;
		const stopping = [...this.#running].map(async ([id, { controller, ended }]) => {
			const session = this.#records.get(id);
			const changes = { state: 'interrupted', finished: Date.now(), progress: undefined } as const;
			const changed = session.job.state === 'running' ? this.#records.change(session, changes) : undefined;
			controller.abort();
			await Promise.all([changed, ended]);
		});
		await Promise.all(stopping);
	}

	#clip(hash: string): Clip {
		const clip = this.parts.clips.get(hash);
		if (!clip) throw appError('clip-missing');
		return clip;
	}

	/** Jobs ahead of one that waits. */
	#position(id: string): number | undefined {
		const place = this.#waiting.indexOf(id);
		return place < 0 ? undefined : this.#running.size + place;
	}

	get #all(): AnyJob[] {
		return this.parts.sessions.all().map((session) => this.#records.view(session));
	}

	async #take(name: string, clip: Clip, work: Work): Promise<{ job: AnyJob; created: boolean }> {
		const { clips, sessions } = this.parts;
		const key = await work.key();
		await this.#records.forgetLostResults(key);
		// From here to `create` nothing waits, so that two equal requests cannot both miss the other.
		const same = sessions.all().find(({ job }) => job.key === key && isSettled(job));
		if (same) return { job: this.#records.view(same), created: false };
		const begun = sessions.all().find(({ job }) => job.key === key && this.#goesOn(job));
		if (begun) return { job: await this.#again(begun, key), created: false };
		const job: AnyJob = {
			id: randomBytes(8).toString('hex'),
			...{ key, clip: clip.hash, name, ...work.own },
			...{ state: 'queued', results: [], notices: [], created: Date.now() }
		};
		const session: Session = { job, clip, files: {} };
		await sessions.create(session, work.saved, clips.path(clip));
		// It may have been cancelled meanwhile.
		if (session.job.state === 'queued') this.#enqueue(session);
		return { job: this.#records.view(session), created: true };
	}

	/** Whether a job that did not end well has kept something to go on from, or may have: it was cancelled, and its engine has not stopped yet. */
	#goesOn(job: AnyJob): boolean {
		const isStopping = job.state === 'cancelled' && this.#running.has(job.id);
		return isResumable(job) && (job.kept !== undefined || isStopping);
	}

	async #again(session: Session, key: string): Promise<AnyJob> {
		const again = { error: undefined, started: undefined, finished: undefined, progress: undefined };
		// What was made under another key is of no use.
		const kept = key === session.job.key ? session.job.kept : undefined;
		const changed = this.#records.change(session, { ...again, state: 'queued', key, kept });
		this.#enqueue(session);
		await changed;
		return this.#records.view(session);
	}

	#tellPositions(): void {
		for (const id of this.#waiting) this.parts.events.changed(this.get(id));
	}

	#enqueue(session: Session): void {
		this.#waiting.push(session.job.id);
		this.parts.events.changed(this.#records.view(session));
		this.#next();
	}

	#next(): void {
		while (!this.#closed && this.#running.size < this.parts.concurrency) {
			const id = this.#waiting.find((other) => !this.#running.has(other));
			if (id === undefined) return;
			this.#waiting = this.#waiting.filter((other) => other !== id);
			const controller = new AbortController();
			// The entry must be there before the work begins.
			const ended = Promise.resolve().then(() => this.#work(this.#records.get(id), controller.signal));
			this.#running.set(id, { controller, ended });
			this.#tellPositions();
		}
	}

	/** How many frames a job that did not end well can go on behind. */
	async #kept({ job }: Session): Promise<number | undefined> {
		const folder = this.parts.sessions.unfinished(job.id);
		return (await UnfinishedWork.frames(folder).catch(() => 0)) || undefined;
	}

	async #work(session: Session, signal: AbortSignal): Promise<void> {
		const { id } = session.job;
		try {
			if (!signal.aborted) await this.#run(session, signal);
		} catch (error) {
			await this.parts.sessions.clearOutputs(id).catch(() => {});
			const kept = await this.#kept(session);
			if (!signal.aborted) await this.#records.fail(session, error, { kept });
			else if (kept !== session.job.kept) await this.#records.change(session, { kept });
		} finally {
			this.#running.delete(id);
			this.parts.onEnded();
			this.#next();
			this.#tellPositions();
		}
	}

	async #run(session: Session, signal: AbortSignal): Promise<void> {
		const { sessions, works, run, version, log } = this.parts;
		const { id, name } = session.job;
		const work = await works.ofSession(session);
		const started = Date.now();
		const withEstimate = (progress: Progress): Progress => ({
			...progress,
			etaMs: progress.etaMs ?? remaining(work, session, Date.now() - started)
		});
		const progress = withEstimate({ stage: 'load', done: 0, total: 0 });
		await this.#records.change(session, { state: 'running', started, progress });
		if ((await this.parts.freeSpace()) < work.space) throw appError('disk-full');
		const { diskName } = work;
		const directory = await sessions.clearOutputs(id);
		const places = { clip: sessions.input(session), directory, unfinished: sessions.unfinished(id) };
		const plan = await work.plan({ ...places, name: diskName });
		// The weights may have been replaced since the job was taken.
		if (plan.key !== session.job.key) {
			await this.#records.change(session, { key: plan.key, kept: undefined });
		}
		const onProgress = (now: Progress) => this.#records.progress(session, withEstimate(now));
		const outcome = await run(plan, { signal, onProgress });
		signal.throwIfAborted();
		const results: (Result | TrackResult)[] = outcome.results;
		session.files = Object.fromEntries(results.map(({ kind, file }) => [kind, file]));
		await work.learn(outcome).catch((err) => log.error({ err }, 'cannot write how fast a job was'));
		await this.#records.change(session, {
			...{ state: 'done', finished: Date.now(), progress: undefined, kept: undefined },
			results: results.map((result) => ({ ...result, file: saveName(name, diskName, result.file) })),
			notices: outcome.notices,
			record: { ...outcome.record, version }
		} as Partial<Job> | Partial<TrackJob>);
		await sessions.clearUnfinished(id).catch((err) => log.error({ job: id, err }, 'cannot remove its parts'));
		log.info({ job: id, ...outcome.record }, 'job done');
	}
}

/** Whether a job did not end well, so that it can be run again. */
function isResumable({ state }: AnyJob): boolean {
	return state === 'failed' || state === 'cancelled' || state === 'interrupted';
}

/** Whether a job answers an equal request: one that worked smaller, since memory was short, may do better when asked again. */
function isSettled({ state, notices }: AnyJob): boolean {
	if (state === 'done') return !notices.some(({ code }) => code === 'worked-smaller');
	return state === 'queued' || state === 'running';
}

/** Milliseconds that a job will still take, which goes on behind the frames that are kept. */
function remaining(work: Work, { job, clip }: Session, elapsed: number): number | undefined {
	const whole = work.estimate();
	if (whole === undefined) return undefined;
	const open = 1 - (job.kept ?? 0) / frameCount(clip);
	return Math.max(0, Math.round(open * whole - elapsed));
}
