import type { SavedResult, SavedSession } from '$lib/storage/types.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { Job } from '$protocol/schema.ts';
import { isLocal, localId } from './local-job.ts';

/** How far a session has come. */
export type EntryState =
	'new' | 'marked' | 'waiting' | 'queued' | 'running' | 'done' | 'failed' | 'interrupted';

/** Where a clip or a result is; its words are `library_place_<place>`. */
export type Place =
	| 'both'
	| 'only-here'
	| 'only-server'
	/** Here; the server had it and has removed it. */
	| 'server-lost'
	/** Here; the server cannot be asked now. */
	| 'here'
	/** Not here; the server had it when it was last asked. */
	| 'last-seen'
	/** Nowhere any more. */
	| 'gone';

/** A session as the library lists it. */
export interface Entry {
	readonly session: SavedSession;
	readonly name: string;
	readonly state: EntryState;
	/** Of the stage that runs, from 0 to 1; undefined while unknown. */
	readonly share?: number;
	readonly clip: Place;
	/** Of the newest result; undefined when there is none. */
	readonly result?: Place;
	/** Why the newest job failed. */
	readonly error?: ErrorBody;
	/** Of its results, newest last. */
	readonly keys: readonly string[];
	/** Its clip and results in this browser; sessions of one clip share its file. */
	readonly bytes: number;
}

/** What is known beside the session itself. */
export interface Surroundings {
	job(id: string): Job | undefined;
	/** A result that this browser keeps. */
	kept(key: string): Pick<SavedResult, 'bytes' | 'job'> | undefined;
	/** Undefined while the server cannot be asked. */
	readonly server?: {
		hasResult(key: string): boolean;
		/** Undefined while that is not known yet. */
		hasClip(hash: string): boolean | undefined;
	};
	/** Whether the target is marked in a session. */
	marked(id: string): boolean;
}

/** What the user calls a session. */
export function nameOf(session: Pick<SavedSession, 'name' | 'title'>): string {
	return session.title ?? session.name;
}

export function entryOf(session: SavedSession, around: Surroundings): Entry {
	const jobs = session.jobs.map(around.job).filter((job) => job !== undefined);
	const made = jobs.filter(({ state }) => state === 'done').map(({ key }) => key);
	// A job that ended while its session was closed is not among the session's results yet.
	const keys = [...session.results, ...made.filter((key) => !session.results.includes(key))];
	const newest = keys.at(-1);
	const last = session.jobs.at(-1);
	const job = last === undefined ? undefined : around.job(last);
	const kept = keys.map(around.kept).filter((result) => result !== undefined);
	return {
		session,
		name: nameOf(session),
		state: stateOf(session, job, keys.length > 0, around.marked(session.id)),
		share: job?.state === 'running' ? shareOf(job) : undefined,
		clip: clipPlace(session, around),
		result: newest === undefined ? undefined : resultPlace(session, newest, around),
		error: job?.error,
		keys,
		bytes: kept.reduce((sum, { bytes }) => sum + bytes, session.file === undefined ? 0 : session.bytes)
	};
}

function stateOf(
	session: SavedSession,
	job: Job | undefined,
	hasResult: boolean,
	marked: boolean
): EntryState {
	if (session.wanted) return 'waiting';
	if (job && job.state !== 'done' && job.state !== 'cancelled') return job.state;
	if (hasResult) return 'done';
	return marked ? 'marked' : 'new';
}

function shareOf({ progress }: Job): number | undefined {
	return progress && progress.total > 0 ? progress.done / progress.total : undefined;
}

function clipPlace({ file, uploaded, hash }: SavedSession, { server }: Surroundings): Place {
	const onServer = hash === undefined ? false : server?.hasClip(hash);
	return placeOf(file !== undefined, uploaded, onServer);
}

function resultPlace({ jobs }: SavedSession, key: string, { kept, server }: Surroundings): Place {
	const result = kept(key);
	const local = result ? isLocal(result.job) : jobs.includes(localId(key));
	return placeOf(result !== undefined, !local, server?.hasResult(key));
}

/** @param onServer undefined while that is not known */
function placeOf(here: boolean, wasOnServer: boolean, onServer: boolean | undefined): Place {
	if (onServer) return here ? 'both' : 'only-server';
	if (onServer === undefined && wasOnServer) return here ? 'here' : 'last-seen';
	if (here) return wasOnServer ? 'server-lost' : 'only-here';
	return 'gone';
}
