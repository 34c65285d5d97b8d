import type { PromptingJSON } from '$lib/state/prompting-json.ts';
import type { SavedTracking } from '$lib/state/track-wish.ts';
import type { PackedAlpha } from '$models/packed-alpha.ts';
import type { PackedMask } from '$models/packed-mask.ts';
import type { MatteOptions } from '$models/matter.ts';
import type { Job, JobRequest, OutputKind } from '$protocol/schema.ts';

/** One clip with everything that was said about it, except its prompts and masks, which are kept beside it. */
export interface SavedSession {
	readonly id: string;
	/** The clip's file name. */
	readonly name: string;
	/** What the user calls the session, where that is not the clip's name. */
	readonly title?: string;
	readonly bytes: number;
	/** SHA-256 of the file, once it is known. */
	readonly hash?: string;
	/** The server has the whole clip. */
	readonly uploaded: boolean;
	/** Where this browser keeps the clip; sessions of the same clip may share it. */
	readonly file?: string;
	/** Of the clip, once it was opened. */
	readonly info?: {
		readonly width: number;
		readonly height: number;
		readonly duration: number;
		readonly frames: number;
	};
	readonly engine: JobRequest['engine'];
	readonly options: MatteOptions;
	readonly outputs: readonly OutputKind[];
	/** The jobs that were asked for, newest last. */
	readonly jobs: readonly string[];
	/** The keys of the results that were made, newest last; each may be in this browser, on the server, or in both. */
	readonly results: readonly string[];
	/** What was asked for while the server was away; sent as soon as it is back. */
	readonly wanted?: JobRequest;
	/** The part of the clip that is tracked, and what tracking was asked for. */
	readonly tracking?: SavedTracking;
	/** Milliseconds since 1970. */
	readonly created: number;
	readonly updated: number;
}

/** The prompts and masks of a session. */
export type SavedPrompts = PromptingJSON;

/** The masks that tracking found on one frame. */
export interface SavedTracked {
	/** Seconds after the first frame. */
	readonly time: number;
	readonly masks: readonly SavedTrackedMask[];
}

export interface SavedTrackedMask {
	readonly target: number;
	readonly mask: PackedMask;
	/** The marks that it follows from: the time of each one's frame, and its revision. */
	readonly basis: readonly (readonly [time: number, revision: number])[];
	/** The same with its soft edge, where it came from elsewhere with one. */
	readonly soft?: PackedAlpha;
}

/** A finished job whose files this browser keeps. */
export interface SavedResult {
	/** Names the result by what made it; the same as `job.key`. */
	readonly key: string;
	/** As it ended; of what this browser computed itself, the id begins with `local-`. */
	readonly job: Job;
	/** Where each of the job's results is kept. */
	readonly files: Readonly<Partial<Record<OutputKind, string>>>;
	readonly bytes: number;
	/** When it was kept and when it was last shown or downloaded, in milliseconds since 1970. */
	readonly created: number;
	readonly used: number;
}

/** A file that is whole. Its bytes lie in the origin's private file system, or here where the browser cannot write there. */
export interface FileRecord {
	readonly id: string;
	readonly bytes: number;
	readonly blob?: Blob;
}
