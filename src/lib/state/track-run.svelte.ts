import type { TrackJob } from '$protocol/schema.ts';
import type { ConnectionStatus } from './server-connection.svelte.ts';
import type { TrackPlace } from './track-place.ts';
import { doneOf, lengthOf, type Range, type Stretch } from './track-plan.ts';

/** What a tracking that is under way is at, by code (`track_stage_<code>`). */
export const trackStages = ['upload', 'away', 'queued', 'load', 'track', 'read'] as const;
export type TrackStage = (typeof trackStages)[number];

export interface TrackProgress {
	readonly place: TrackPlace;
	readonly stage: TrackStage;
	/** Frames done and in all. */
	readonly done: number;
	readonly total: number;
	/** Milliseconds to its end; undefined while that is not known. */
	readonly etaMs?: number;
	/** Jobs that the server does before. */
	readonly position?: number;
	/** What it is to do. */
	readonly stretches: readonly Stretch[];
	/** The frames that the server has done and still holds. */
	readonly there: readonly Range[];
}

/** What the run's progress depends on besides. */
interface Surroundings {
	readonly job: (id: string) => TrackJob | undefined;
	readonly server: () => ConnectionStatus;
}

/** A tracking that is under way. */
export class TrackRun {
	/** Where it is; what the server does with its job is told by that. */
	stage = $state<'upload' | 'load' | 'track' | 'job' | 'read'>('load');
	/** Which stretch it is at. */
	at = $state(0);
	/** The first frame on which a target of that is known. */
	start = $state(0);
	/** Frames of that which have come. */
	done = $state(0);
	/** It was stopped, and has not come to its end yet. */
	stopping = $state(false);
	/** The server's job. */
	job = $state<string>();
	/** When the first frame came, and the newest; how many came in between. */
	#pace = $state.raw<{ readonly first: number; readonly last: number; readonly frames: number }>();
	readonly #stop = new AbortController();

	constructor(
		readonly place: TrackPlace,
		readonly stretches: readonly Stretch[],
		private readonly around: Surroundings
	) {}

	get signal(): AbortSignal {
		return this.#stop.signal;
	}

	stop(): void {
		this.stopping = true;
		this.#stop.abort();
	}

	/** Begins with a stretch. */
	begin(at: number, start: number): void {
		this.at = at;
		this.start = start;
		this.done = 0;
		this.job = undefined;
	}

	/** One frame has come. */
	came(now = performance.now()): void {
		this.done++;
		this.#pace = { first: this.#pace?.first ?? now, last: now, frames: (this.#pace?.frames ?? -1) + 1 };
	}

	readonly #job = $derived.by(() => (this.job === undefined ? undefined : this.around.job(this.job)));

	readonly progress: TrackProgress = $derived.by(() => {
		const { place, stretches, at } = this;
		const stage = this.#stage;
		const lengths = stretches.map(lengthOf);
		const before = sum(lengths.slice(0, at));
		const total = sum(lengths);
		const working = stage === 'track' ? this.#job?.progress : undefined;
		const done = before + (this.stage === 'job' ? (working?.done ?? 0) : this.done);
		return {
			...{ place, stage, done, total, stretches },
			etaMs: this.stage === 'job' ? working?.etaMs : this.#eta(total - done),
			position: this.#job?.position,
			there: working ? doneOf(stretches[at]!, this.start, working.done) : []
		};
	});

	get #stage(): TrackStage {
		if (this.stage !== 'job') return this.stage;
		if (this.around.server() !== 'online') return 'away';
		if (this.#job?.state !== 'running') return 'queued';
		return this.#job.progress?.stage === 'track' ? 'track' : 'load';
	}

	#eta(left: number): number | undefined {
		const pace = this.#pace;
		if (!pace || pace.frames === 0) return undefined;
		return ((pace.last - pace.first) / pace.frames) * left;
	}
}

function sum(values: readonly number[]): number {
	return values.reduce((a, b) => a + b, 0);
}
