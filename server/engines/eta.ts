import type { Progress } from '../protocol/schema.ts';

/** One stage of a job: its name, and how long a frame of it takes compared with the other stages' frames, as a first guess. */
export interface Stage {
	readonly name: Progress['stage'];
	readonly weight: number;
}

/**
 * Tells a job's progress with the time left. Each stage's pace is measured while it runs; a stage that is yet to come is guessed from
 * the pace so far and the stages' weights.
 */
export class JobProgress {
	#stage = 0;
	#stageStart: number;
	/** Measured milliseconds a frame of unit weight. */
	#pace: number | undefined;

	constructor(
		readonly stages: readonly Stage[],
		/** Frames of the clip, 0 while unknown. */
		private total: number,
		private readonly report: (progress: Progress) => void,
		private readonly now: () => number = () => performance.now()
	) {
		this.#stageStart = now();
	}

	/** Begins a stage; `total` corrects the number of frames once it is known. */
	begin(name: Progress['stage'], total = this.total): void {
		this.#stage = this.stages.findIndex((stage) => stage.name === name);
		this.#stageStart = this.now();
		this.total = total;
		this.done(0);
	}

	/** Says that so many frames of the current stage are done. */
	done(done: number): void {
		const { name, weight } = this.stages[this.#stage]!;
		if (done > 0 && weight > 0) this.#pace = (this.now() - this.#stageStart) / (done * weight);
		this.report({ stage: name, done, total: this.total, etaMs: this.#eta(done) });
	}

	#eta(done: number): number | undefined {
		if (this.#pace === undefined || this.total === 0) return undefined;
		const later = this.stages.slice(this.#stage + 1).reduce((sum, stage) => sum + stage.weight, 0);
		const here = this.stages[this.#stage]!.weight * Math.max(0, this.total - done);
		return Math.round(this.#pace * (here + later * this.total));
	}
}
