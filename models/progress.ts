import type { MatterStep } from './matter.ts';

/**
 * What a job does, in order; `download` only where weights are fetched first, and `track` only where frames lie before the first
 * keyframe, or all are tracked before the engine is loaded.
 */
export const stages = ['download', 'load', 'track', 'matte', 'finish'] as const;

/** How far a job is. */
export interface Progress {
	stage: (typeof stages)[number];
	/** Frames, or bytes in the stage `download`: done and in all in this stage; total is 0 while unknown. */
	done: number;
	total: number;
	/** Milliseconds to the end of the whole job; absent while unknown. */
	etaMs?: number;
	/** Where a matter is that works on windows of many frames. */
	step?: MatterStep;
}

/** How many times longer a frame takes in the last stage, which tracks and mattes it, than in the stage that only tracks it. */
const matteWeight = 2;

export interface JobProgressOptions {
	/** Whether the matter works on windows of many frames and tells its steps: the pace of tracking says nothing about it. */
	readonly windowed?: boolean;
	/** Milliseconds from any point in time. */
	readonly now?: () => number;
}

/**
 * Tells a job's progress with the time left. The pace of each stage is measured while it runs; until the frames are matted, the time that
 * this will take is guessed from the pace of the tracking before it.
 */
export class JobProgress {
	#stage: Progress['stage'] = 'load';
	#total = 0;
	#done = 0;
	#start = 0;
	readonly #windowed: boolean;
	readonly #now: () => number;
	/** Where the matter is and since when, and where and when it told that first. */
	#step: MatterStep | undefined;
	#since = 0;
	#first = { share: 0, time: 0 };

	constructor(
		/** Frames of the clip. */
		private readonly frames: number,
		private readonly report: (progress: Progress) => void,
		{ windowed = false, now = () => performance.now() }: JobProgressOptions = {}
	) {
		this.#windowed = windowed;
		this.#now = now;
	}

	/** Begins a stage of so many frames. */
	begin(stage: Progress['stage'], total: number): void {
		this.#stage = stage;
		this.#total = total;
		this.#start = this.#now();
		this.#step = undefined;
		this.done(0);
	}

	/** Says that so many frames of the current stage are done. */
	done(done: number): void {
		this.#done = done;
		this.#tell();
	}

	/** Says at which window the matter is. */
	step(step: MatterStep): void {
		this.#since = this.#now();
		if (!this.#step) this.#first = { share: step.share, time: this.#since };
		this.#step = step;
		this.#tell();
	}

	#tell(): void {
		const left = this.#windowed ? this.#leftByShare() : this.#leftByFrames();
		const progress = { stage: this.#stage, done: this.#done, total: this.#total, etaMs: left };
		this.report(this.#step ? { ...progress, step: this.#step } : progress);
	}

	#leftByFrames(): number | undefined {
		if (this.#done === 0) return undefined;
		const pace = (this.#now() - this.#start) / this.#done;
		const later = this.#stage === 'track' ? matteWeight * this.frames : 0;
		return Math.round(pace * (Math.max(0, this.#total - this.#done) + later));
	}

	/** Frames come a whole window at a time, and those of an earlier run at once. */
	#leftByShare(): number | undefined {
		const { share, time } = this.#first;
		if (!this.#step || this.#step.share <= share) return undefined;
		const pace = (this.#since - time) / (this.#step.share - share);
		const left = pace * (1 - this.#step.share) - (this.#now() - this.#since);
		return Math.max(0, Math.round(left));
	}
}
