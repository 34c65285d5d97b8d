import type { SegmenterId } from '$models/segmenters.ts';
import type { Segmentation } from './segmentation.svelte.ts';
import { ServerTracking, type ServerTrackingParts } from './server-tracking.ts';
import type { Session } from './session.svelte.ts';
import type { TrackJobs } from './track-jobs.svelte.ts';
import { requestOf } from './track-request.ts';
import type { TrackRun } from './track-run.svelte.ts';
import { Taking } from './track-taking.ts';
import type { TrackingJob } from './track-wish.ts';

export interface StretchTrackerParts extends ServerTrackingParts {
	readonly session: ServerTrackingParts['session'] & Pick<Session, 'prompting' | 'file'>;
	readonly segmentation: Pick<Segmentation, 'track'>;
	readonly jobs: Pick<TrackJobs, 'when' | 'create' | 'retry' | 'cancel'>;
	/** What follows on the server. */
	readonly segmenter: () => SegmenterId;
	/** Keeps what must be known of the server's job when the page is opened again; undefined once its masks are here. */
	readonly keep: (job?: TrackingJob) => void;
	/** Tells the user of something that did not stop anything else. */
	readonly tell: (error: unknown) => void;
}

/** Has stretches tracked, and takes the masks that come of it. All reject with the run's reason when it is stopped. */
export class StretchTracker {
	readonly #server: ServerTracking;

	constructor(private readonly parts: StretchTrackerParts) {
		this.#server = new ServerTracking(parts);
	}

	/**
	 * In this browser.
	 * @param words in English: what is followed besides
	 * @throws CodedError as `Segmentation.track`
	 */
	async here(run: TrackRun, at: number, words?: string): Promise<void> {
		const { session, segmentation } = this.parts;
		const { request, start } = requestOf(session.prompting, run.stretches[at]!, words);
		run.begin(at, start);
		run.stage = 'load';
		const taking = this.#taking(idsOf(request.targets), words);
		await segmentation.track(
			...([session.file!, session.name, request] as const),
			(index, masks) => {
				if (run.signal.aborted) return;
				run.stage = 'track';
				taking.take(index, new Map(masks));
				run.came();
			},
			run.signal
		);
	}

	/**
	 * On the server, which has all of the clip first.
	 * @param adopted a job that was asked for before
	 * @throws CodedError why the server refused the clip or the job, or why the job failed
	 */
	async onServer(run: TrackRun, at: number, words?: string, adopted?: TrackingJob): Promise<void> {
		const { keep, session } = this.parts;
		const job = adopted ?? (await this.#ask(run, at, words));
		run.begin(at, job.start);
		run.job = job.id;
		run.stage = 'job';
		session.prompting.trackedFrom = new Map(job.bases.map(([target, basis]) => [target, new Map(basis)]));
		await this.#server.ended(job.id, run.signal);
		run.stage = 'read';
		const taking = this.#taking(job.targets, words);
		await this.#server.read(
			job.id,
			(index, masks) => {
				taking.take(index, masks);
				run.done = taking.done;
			},
			run.signal
		);
		keep(undefined);
	}

	async #ask(run: TrackRun, at: number, words?: string): Promise<TrackingJob> {
		const { session, jobs, segmenter, keep, tell } = this.parts;
		const stretch = run.stretches[at]!;
		run.begin(at, stretch.from);
		run.stage = 'upload';
		await this.#server.uploaded(run.signal);
		run.stage = 'job';
		const { request, start } = requestOf(session.prompting, stretch, words);
		const { id } = await this.#server.create(request, segmenter(), run.signal);
		// Nobody would wait for it any more.
		if (run.signal.aborted) await jobs.cancel(id).catch(tell);
		run.signal.throwIfAborted();
		const bases = [...session.prompting.trackedFrom].map(([target, basis]) => [target, [...basis]] as const);
		const { from, to } = stretch;
		const job: TrackingJob = { id, from, to, targets: idsOf(request.targets), start, bases };
		keep(job);
		return job;
	}

	#taking(targets: readonly number[], words?: string): Taking {
		const { prompting, player } = this.parts.session;
		const { width, height } = player.info!;
		return new Taking({ prompting, size: { width, height }, targets, words });
	}
}

function idsOf(targets: readonly { readonly id: number }[]): number[] {
	return targets.map(({ id }) => id);
}
