import type { SavedPrompts, SavedSession, SavedTracked } from '$lib/storage/types.ts';
import type { SavedTracking } from '$lib/state/track-wish.ts';
import type { Job, OutputKind } from '$protocol/schema.ts';

/** A session with all that belongs to it, apart from the browser that keeps it. */
export interface PortableSession {
	readonly session: PortableRecord;
	readonly prompts: SavedPrompts;
	/** In order of time. */
	readonly tracked: readonly SavedTracked[];
	/** A small JPEG of the clip. */
	readonly thumbnail?: Blob;
	/** Absent when it stays behind; whoever opens the session is then asked for it. */
	readonly clip?: Blob;
	readonly results: readonly PortableResult[];
}

/** What is said of a session, without what means something in one browser only. */
export type PortableRecord = Omit<SavedSession, 'id' | 'file' | 'wanted' | 'tracking'> & {
	/** The part of the clip that is tracked. */
	readonly tracking?: Pick<SavedTracking, 'from' | 'to'>;
};

/** A finished job with those of its files that were kept. */
export interface PortableResult {
	readonly job: Job;
	readonly blobs: ReadonlyMap<OutputKind, Blob>;
}
