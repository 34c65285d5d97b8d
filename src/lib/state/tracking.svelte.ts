import type { ErrorBody } from '$protocol/errors.ts';
import { nearest } from '$workers/media/nearest.ts';
import { isActive } from './job-list.svelte.ts';
import type { Segmentation } from './segmentation.svelte.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import type { ServerTrackingParts } from './server-tracking.ts';
import type { Session } from './session.svelte.ts';
import { shownError } from './shown-error.ts';
import type { TrackJobs } from './track-jobs.svelte.ts';
import { choosePlace, type ChosenPlace, type TrackPlace } from './track-place.ts';
import { lengthOf, planTracking, type Range, type Stretch, type TargetCourse } from './track-plan.ts';
import { TrackRun } from './track-run.svelte.ts';
import { StretchTracker } from './track-stretch.ts';
import type { OpenTracking, SavedTracking, TrackingJob } from './track-wish.ts';

/** The session, as tracking uses it. */
export type TrackedSession = ServerTrackingParts['session'] &
	Pick<Session, 'prompting' | 'file' | 'lockedOut' | 'state' | 'closed' | 'tracking' | 'save'>;

export interface TrackingParts extends ServerTrackingParts {
	readonly session: TrackedSession;
	readonly jobs: Pick<TrackJobs, 'get' | 'when' | 'create' | 'retry' | 'cancel'>;
	readonly connection: Pick<ServerConnection, 'status' | 'online' | 'suspect' | 'health'>;
	readonly segmentation: Pick<Segmentation, 'way' | 'track' | 'encodeMilliseconds'>;
	/** Where the user wants to track; undefined where the machine is to choose. */
	readonly wish: () => TrackPlace | undefined;
	/** Tells the user of something that did not stop anything else. */
	readonly tell: (error: unknown) => void;
}

/** What following takes beside making a frame ready: a share of that, about. */
const TRACKING_SHARE = 1.3;

/** Why nothing can be tracked now, by code (`track_why_<code>`). */
export const trackObstacles = ['elsewhere', 'opening', 'no-mask', 'busy', 'away', 'refused', 'done'] as const;
export type TrackObstacle = (typeof trackObstacles)[number];

/** Follows the targets of one session through its clip. */
export class Tracking {
	/** Why the last one failed. */
	error = $state.raw<ErrorBody>();
	/** In English: everything of this kind is followed beside the targets. */
	words = $state<string>();
	#run = $state.raw<TrackRun>();
	readonly #tracker: StretchTracker;

	constructor(private readonly parts: TrackingParts) {
		this.#tracker = new StretchTracker({
			...parts,
			segmenter: () => (this.place.tracker === 'server-sam3' ? 'sam3' : 'classic'),
			keep: (job) => this.#keepJob(job)
		});
		this.words = parts.session.tracking?.open?.words;
	}

	/** The part of the clip that is tracked. */
	readonly range: Range = $derived.by(() => {
		const times = this.parts.session.player.info?.times;
		if (!times) return [0, 0];
		const { from, to } = this.#saved;
		const index = (time: number | undefined, whole: number) =>
			time === undefined ? whole : nearest(times, time);
		return [index(from, 0), index(to, times.length - 1)];
	});

	/** Whether that is less than the clip. */
	get ranged(): boolean {
		const { from, to } = this.#saved;
		return from !== undefined || to !== undefined;
	}

	/** What is still to be tracked. */
	readonly plan: readonly Stretch[] = $derived.by(() => {
		const { range, words, place } = this;
		const plan = planTracking(this.#courses, range);
		if (words === undefined || !place.concepts) return plan;
		// What is looked for may be on every frame that is not done, in one go.
		const [from, to] = plan.length > 0 ? hull(plan) : range;
		return [{ from, to, targets: this.#courses.map(({ id }) => id) }];
	});

	/** The targets that can be followed, with what they are followed from. */
	readonly #known = $derived.by(() => {
		const { prompting } = this.parts.session;
		return prompting.targets
			.filter(({ on }) => on)
			.map(({ id }) => ({ id, marked: prompting.keyframesOf(id) }))
			.filter(({ marked }) => marked.length > 0);
	});

	readonly #courses: readonly TargetCourse[] = $derived.by(() => {
		const { prompting } = this.parts.session;
		return this.#known.map(({ id, marked }) => ({
			...{ id, marked },
			tracked: prompting.trackedRanges(id),
			staleFrom: prompting.staleFrom(id)
		}));
	});

	/** Where it would be tracked. */
	readonly place: ChosenPlace = $derived.by(() => {
		const { connection, segmentation, session, wish } = this.parts;
		return choosePlace({
			...{ way: segmentation.way, server: connection.status, health: connection.health, wish: wish() },
			decodable: session.player.info?.decoder !== 'ffmpeg'
		});
	});

	/** What the next tracking would be: the first one, the rest of what was begun, or one in place of masks that are out of date. */
	get purpose(): 'first' | 'rest' | 'again' {
		const [next] = this.plan;
		const [from] = this.range;
		const isStale = ({ staleFrom = Infinity }: TargetCourse) => next !== undefined && staleFrom <= next.to;
		if (this.#courses.some(isStale)) return 'again';
		const isBegun = this.#courses.some(({ tracked }) => tracked.length > 0);
		return isBegun && next !== undefined && next.from > from ? 'rest' : 'first';
	}

	/** How many frames that is, and how long it takes, where that is known. */
	get effort(): { readonly frames: number; readonly seconds?: number } {
		const frames = this.plan.reduce((sum, stretch) => sum + lengthOf(stretch), 0);
		const { tracker } = this.place;
		const { encodeMilliseconds } = this.parts.segmentation;
		const isKnown = (tracker === 'webgpu' || tracker === 'wasm') && encodeMilliseconds !== undefined;
		return { frames, seconds: isKnown ? (frames * encodeMilliseconds * TRACKING_SHARE) / 1000 : undefined };
	}

	get progress() {
		return this.#run?.progress;
	}

	/** Whether it is about to end: the frame that is being computed is waited for. */
	get stopping(): boolean {
		return this.#run?.stopping ?? false;
	}

	/** A tracking that was stopped, or failed, before its end: the frame that it would go on from. */
	get stoppedAt(): number | undefined {
		const { open } = this.#saved;
		return open && !this.#run ? this.plan[0]?.from : undefined;
	}

	/** The first thing in the way of tracking. */
	get obstacle(): TrackObstacle | undefined {
		const { session, connection } = this.parts;
		if (session.lockedOut) return 'elsewhere';
		if (session.state !== 'ready') return 'opening';
		if (session.prompting.busy) return 'busy';
		if (this.plan.length === 0) return this.#known.length > 0 ? 'done' : 'no-mask';
		if (this.place.place !== 'server') return undefined;
		if (session.upload?.state.kind === 'refused') return 'refused';
		return connection.status === 'online' ? undefined : 'away';
	}

	/** Sets where the part that is tracked begins. An end before it is given up. */
	setFrom(frame: number): void {
		const [, last] = this.range;
		this.setRange(frame, frame > last ? undefined : last);
	}

	/** Sets where the part that is tracked ends. A start behind it is given up. */
	setTo(frame: number): void {
		const [first] = this.range;
		this.setRange(frame < first ? undefined : first, frame);
	}

	/** Sets the part that is tracked, by its first and its last frame; the clip's where they are left out. */
	setRange(from: number | undefined, to: number | undefined): void {
		const { session } = this.parts;
		const times = session.player.info?.times;
		if (!times || session.lockedOut) return;
		const timeOf = (frame: number | undefined, whole: number) =>
			frame === undefined || frame === whole ? undefined : times[frame];
		session.tracking = { ...this.#saved, from: timeOf(from, 0), to: timeOf(to, times.length - 1) };
	}

	/** Tracks what is still to be tracked. Never rejects: `error` tells. */
	async start(): Promise<void> {
		const { session } = this.parts;
		await session.prompting.settled();
		if (this.obstacle || this.#run || session.closed) return;
		const { place, concepts } = this.place;
		this.#keepOpen({ place, words: concepts ? this.words : undefined });
		await this.#go(new TrackRun(place, this.plan, this.#around));
	}

	/** Takes up the server's job that was on its way when the session was closed. */
	async resume(): Promise<void> {
		const { session } = this.parts;
		const { job } = this.#saved.open ?? {};
		if (!job || this.#run || session.lockedOut || session.state !== 'ready') return;
		const stretch: Stretch = { from: job.from, to: job.to, targets: job.targets };
		const isDone = await this.#go(new TrackRun('server', [stretch], this.#around), job);
		// The rest of what was asked for.
		if (isDone && this.#saved.open) await this.start();
	}

	/** Stops for good; what came is kept. */
	async stop(): Promise<void> {
		const run = this.#run;
		if (!run) return;
		run.stop();
		const { jobs, tell } = this.parts;
		this.#keepJob(undefined);
		const id = run.job;
		if (id !== undefined && isActive(jobs.get(id)?.state ?? 'done')) await jobs.cancel(id).catch(tell);
	}

	/** Leaves it as it is: what was stopped is not gone on with. */
	dismiss(): void {
		this.error = undefined;
		this.#keepOpen(undefined);
	}

	/** Lets go; a job of the server goes on. */
	close(): void {
		this.#run?.stop();
	}

	/** @returns whether it came to its end */
	async #go(run: TrackRun, adopted?: TrackingJob): Promise<boolean> {
		this.#run = run;
		this.error = undefined;
		try {
			for (const at of run.stretches.keys()) {
				const { words } = this.#saved.open ?? {};
				if (run.place === 'server') await this.#tracker.onServer(run, at, words, adopted);
				else await this.#tracker.here(run, at, words);
				run.signal.throwIfAborted();
			}
			// The plan is of all that came.
			this.parts.session.prompting.tracked.flush();
			// What there was of the kind that was looked for is found.
			this.words = undefined;
			const { open } = this.#saved;
			const isLeft = adopted !== undefined && this.plan.length > 0;
			this.#keepOpen(isLeft && open ? { place: open.place } : undefined);
			return true;
		} catch (error) {
			if (run.signal.aborted) return false;
			this.error = shownError(error);
			this.#keepJob(undefined);
			return false;
		} finally {
			this.#run = undefined;
		}
	}

	get #around() {
		const { jobs, connection } = this.parts;
		return { job: (id: string) => jobs.get(id), server: () => connection.status };
	}

	get #saved(): SavedTracking {
		return this.parts.session.tracking ?? {};
	}

	/** Notes the server's job, or forgets it; what was asked for stays. */
	#keepJob(job: TrackingJob | undefined): void {
		const { open } = this.#saved;
		if (open && open.job !== job) this.#keepOpen({ ...open, job });
	}

	#keepOpen(open: OpenTracking | undefined): void {
		const { session } = this.parts;
		session.tracking = { ...this.#saved, open };
		// At once: it is what is left when the page is closed the next moment.
		void session.save();
	}
}

function hull(stretches: readonly Stretch[]): Range {
	return [Math.min(...stretches.map(({ from }) => from)), Math.max(...stretches.map(({ to }) => to))];
}
