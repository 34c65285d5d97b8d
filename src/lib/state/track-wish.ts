import type { TrackPlace } from './track-place.ts';

/** What a session keeps of tracking. Times are seconds after the first frame. */
export interface SavedTracking {
	/** The first and the last frame of the part that is tracked; the clip's where they are left out. */
	readonly from?: number;
	readonly to?: number;
	/** What was asked for and has not come to its end. */
	readonly open?: OpenTracking;
}

export interface OpenTracking {
	readonly place: TrackPlace;
	/** In English: everything of this kind is followed, too. */
	readonly words?: string;
	/** The server's job that is on its way. */
	readonly job?: TrackingJob;
}

/** A job of the server that goes on while the page is closed. */
export interface TrackingJob {
	readonly id: string;
	/** The targets that it was asked for. */
	readonly targets: readonly number[];
	/** Its first and its last frame, by number. */
	readonly from: number;
	readonly to: number;
	/** The first frame on which a target was known. */
	readonly start: number;
	/** What its masks follow from (`Prompting.trackedFrom`), by target. */
	readonly bases: readonly (readonly [target: number, basis: readonly (readonly [number, number])[]])[];
}
