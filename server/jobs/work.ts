import { createHash } from 'node:crypto';
import type { EngineCatalogue } from '../engines/catalogue.ts';
import type { JobOutcome } from '../engines/job-spec.ts';
import type { Memory } from '../engines/memory.ts';
import type { TaskOf } from '../engines/task.ts';
import type { TrackOutcome } from '../engines/track-spec.ts';
import type { Job, TrackJob } from '../protocol/schema.ts';
import type { PaceStore } from '../store/pace.ts';

/** What every kind of work needs of the server. */
export interface WorkParts {
	readonly engines: EngineCatalogue;
	readonly paces: PaceStore;
	/** The program's version. */
	readonly version: string;
}

/** Where a job reads and writes. */
export interface Places {
	/** Absolute path of the clip. */
	readonly clip: string;
	/** Absolute path of an empty folder. */
	readonly directory: string;
	/** What the results' names begin with. */
	readonly name: string;
	/** Absolute path of a folder, which need not be there, for what the job can go on from after an interruption. */
	readonly unfinished: string;
}

/** A job as its engine is to run it now. */
export interface Plan {
	/** Names the result, by the weights that are here now. */
	readonly key: string;
	readonly task: TaskOf<'matte' | 'track'>;
	/** What it will take, about. */
	readonly need: Memory;
}

/** What distinguishes one kind of job from another: what it asks for, what it needs, what is learnt from it. */
export interface Work {
	/** What a job of this kind has besides what all have. */
	readonly own:
		Pick<Job, 'engine' | 'options' | 'outputs' | 'segmenter'> | Pick<TrackJob, 'kind' | 'segmenter'>;
	/** What of the request is kept in the session, beside the job. */
	readonly saved: unknown;
	/** What the results' names on the disk begin with; a client's name never gets there. */
	readonly diskName: string;
	/** Bytes that must be free on the disk, so that the job does not fill it half-way. */
	readonly space: number;
	/** @throws CodedError what keeps the engine from running */
	key(): Promise<string>;
	/** @throws CodedError what keeps the engine from running */
	plan(places: Places): Promise<Plan>;
	/** Milliseconds that the whole job takes if it is as fast as the ones before it; undefined while that is not known. */
	estimate(): number | undefined;
	/** Takes in how fast it was. */
	learn(outcome: JobOutcome | TrackOutcome): Promise<void>;
}

/** The key of a result that is described by a text; see `protocol/key.ts`. */
export function keyOf(description: string): string {
	return createHash('sha256').update(description).digest('hex');
}
