import type { MatterStep } from './matter.ts';

/**
 * What a job does, in order; `download` only where weights are fetched first, and `track` only where frames lie before the first
 * keyframe.
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

/**
 * Tells a job's progress with the time left. The pace of each stage is measured while it runs; until the frames are matted, the time that
 * this will take is guessed from the pace of the tracking before it.
 */
export class JobProgress {
	private stage: Progress['stage'] = 'load';
	private total = 0;
	private start = 0;

	constructor(
		/** Frames of the clip. */
		private readonly frames: number,
		private readonly report: (progress: Progress) => void,
		private readonly now: () => number = () => performance.now()
	) {}

	/** Begins a stage of so many frames. */
	begin(stage: Progress['stage'], total: number): void {
		this.stage = stage;
		this.total = total;
		this.start = this.now();
		this.done(0);
	}

	/** Says that so many frames of the current stage are done. */
	done(done: number): void {
		this.report({ stage: this.stage, done, total: this.total, etaMs: this.eta(done) });
	}

	private eta(done: number): number | undefined {
		if (done === 0) return undefined;
		const pace = (this.now() - this.start) / done;
		const later = this.stage === 'track' ? matteWeight * this.frames : 0;
		return Math.round(pace * (Math.max(0, this.total - done) + later));
	}
}
