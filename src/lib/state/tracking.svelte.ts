/* eslint-disable svelte/prefer-svelte-reactivity -- maps are made for others here; nothing shows them */
import type { ErrorBody } from '$protocol/errors.ts';
import { nearest } from '$workers/media/nearest.ts';
import { isActive } from './job-list.svelte.ts';
import type { Segmentation } from './segmentation.svelte.ts';
import type { ServerConnection } from './server-connection.svelte.ts';
import { ServerTracking, type ServerTrackingParts } from './server-tracking.ts';
import type { Session } from './session.svelte.ts';
import { shownError } from './shown-error.ts';
import type { TrackJobs } from './track-jobs.svelte.ts';
import { choosePlace, type ChosenPlace, type TrackPlace } from './track-place.ts';
import { lengthOf, planTracking, type Range, type Stretch, type TargetCourse } from './track-plan.ts';
import { requestOf } from './track-request.ts';
import { TrackRun } from './track-run.svelte.ts';
import { Taking } from './track-taking.ts';
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
	readonly #server: ServerTracking;

	constructor(private readonly parts: TrackingParts) {
		this.#server = new ServerTracking(parts);
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
		const courses = this.#courses;
		const plan = planTracking(courses, range);
		if (words === undefined || !place.concepts) return plan;
		// What is looked for may be on every frame that is not done, in one go.
		const [from, to] = plan.length > 0 ? hull(plan) : range;
		const known = courses.filter(({ marked, tracked }) => marked.length + tracked.length > 0);
		return [{ from, to, targets: known.map(({ id }) => id) }];
	});

	readonly #courses: readonly TargetCourse[] = $derived.by(() => {
		const { prompting } = this.parts.session;
		return prompting.targets
			.filter(({ on }) => on)
			.map(({ id }) => ({
				id,
				marked: prompting.framesOf(id),
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
		if (this.plan.length === 0) {
			const isKnown = this.#courses.some(({ marked, tracked }) => marked.length + tracked.length > 0);
			return isKnown ? 'done' : 'no-mask';
		}
		if (session.prompting.busy) return 'busy';
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
		if (this.obstacle || this.#run) return;
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
		if (isDone && this.#saved.open && !session.closed) await this.start();
	}

	/** Stops for good; what came is kept. */
	async stop(): Promise<void> {
		const run = this.#run;
		if (!run) return;
		run.stop();
		const { jobs, tell } = this.parts;
		this.#dropJob();
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
				if (run.place === 'server') await this.#onServer(run, at, adopted);
				else await this.#here(run, at);
				run.signal.throwIfAborted();
			}
			// What there was of the kind that was looked for is found.
			this.words = undefined;
			const { open } = this.#saved;
			const isLeft = adopted !== undefined && this.plan.length > 0;
			this.#keepOpen(isLeft && open ? { place: open.place } : undefined);
			return true;
		} catch (error) {
			if (run.signal.aborted) return false;
			this.error = shownError(error);
			this.#dropJob();
			return false;
		} finally {
			this.#run = undefined;
		}
	}

	async #here(run: TrackRun, at: number): Promise<void> {
		const { session, segmentation } = this.parts;
		const { request, start } = requestOf(session.prompting, run.stretches[at]!, this.#saved.open?.words);
		run.begin(at, start);
		run.stage = 'load';
		const taking = this.#taking(run.stretches[at]!);
		const take = (index: number, masks: Parameters<typeof taking.take>[1]) => {
			run.stage = 'track';
			taking.take(index, masks);
			run.came();
		};
		await segmentation.track(
			...([session.file!, session.name, request] as const),
			(index, masks) => {
				if (!run.signal.aborted) take(index, new Map(masks));
			},
			run.signal
		);
	}

	async #onServer(run: TrackRun, at: number, adopted: TrackingJob | undefined): Promise<void> {
		const stretch = run.stretches[at]!;
		const job = adopted ?? (await this.#ask(run, at));
		const { prompting } = this.parts.session;
		run.begin(at, job.start);
		run.job = job.id;
		run.stage = 'job';
		prompting.trackedFrom = new Map(job.bases.map(([target, basis]) => [target, new Map(basis)]));
		await this.#server.ended(job.id, run.signal);
		run.stage = 'read';
		const taking = this.#taking(stretch);
		await this.#server.read(
			job.id,
			(index, masks) => {
				taking.take(index, masks);
				run.done = taking.done;
			},
			run.signal
		);
		this.#dropJob();
	}

	/** Asks the server for a stretch. */
	async #ask(run: TrackRun, at: number): Promise<TrackingJob> {
		const { session, jobs, tell } = this.parts;
		const stretch = run.stretches[at]!;
		run.begin(at, stretch.from);
		run.stage = 'upload';
		await this.#server.uploaded(run.signal);
		run.stage = 'job';
		const { request, start } = requestOf(session.prompting, stretch, this.#saved.open?.words);
		const segmenter = this.place.tracker === 'server-sam3' ? 'sam3' : 'classic';
		const { id } = await this.#server.create(request, segmenter, run.signal);
		// Nobody would wait for it any more.
		if (run.signal.aborted) await jobs.cancel(id).catch(tell);
		run.signal.throwIfAborted();
		const bases = [...session.prompting.trackedFrom].map(([target, basis]) => [target, [...basis]] as const);
		const job: TrackingJob = { id, ...stretch, start, bases };
		const { open } = this.#saved;
		if (open) this.#keepOpen({ ...open, job });
		return job;
	}

	#taking({ targets }: Stretch): Taking {
		const { prompting, player } = this.parts.session;
		const { width, height } = player.info!;
		return new Taking({ prompting, size: { width, height }, targets, words: this.#saved.open?.words });
	}

	get #around() {
		const { jobs, connection } = this.parts;
		return { job: (id: string) => jobs.get(id), server: () => connection.status };
	}

	get #saved(): SavedTracking {
		return this.parts.session.tracking ?? {};
	}

	/** Forgets the server's job; what was asked for stays. */
	#dropJob(): void {
		const { open } = this.#saved;
		if (open?.job) this.#keepOpen({ ...open, job: undefined });
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
