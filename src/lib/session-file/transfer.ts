import { newId } from '$lib/new-id.ts';
import { nothingSaved } from '$lib/state/prompting-json.ts';
import type { Files } from '$lib/storage/files.ts';
import type { Results } from '$lib/storage/results.ts';
import type { Sessions } from '$lib/storage/sessions.ts';
import type { SavedSession, SavedTracked } from '$lib/storage/types.ts';
import { appError } from '$protocol/errors.ts';
import type { OutputKind } from '$protocol/schema.ts';
import type { PortableRecord, PortableResult, PortableSession } from './portable.ts';
import { Work, type WorkOptions } from './work.ts';

/** Where this browser keeps what a session is made of. */
export interface Stores {
	readonly sessions: Pick<Sessions, 'get' | 'prompts' | 'tracked' | 'thumbnail' | 'put'>;
	readonly results: Pick<Results, 'get' | 'file' | 'put' | 'remove'>;
	readonly files: Pick<Files, 'get' | 'put' | 'remove'>;
}

/**
 * Gathers a session for `exportSession`, with the results that are in this browser, and with its clip if that is wanted.
 * @throws CodedError `session-missing`; `package-no-clip` when the clip is wanted but is not in this browser
 */
export async function collectSession(
	id: string,
	{ sessions, results, files }: Stores,
	wanted: { readonly clip: boolean }
): Promise<PortableSession> {
	const saved = await sessions.get(id);
	if (!saved) throw appError('session-missing');
	const clip = wanted.clip && saved.file !== undefined ? await files.get(saved.file) : undefined;
	if (wanted.clip && !clip) throw appError('package-no-clip', { name: saved.name });
	const kept = await Promise.all(saved.results.map((key) => collectResult(key, results)));
	return {
		session: portableRecord(saved),
		prompts: (await sessions.prompts(id)) ?? nothingSaved,
		tracked: await collectTracked(id, sessions),
		thumbnail: await sessions.thumbnail(id),
		clip,
		results: kept.filter((result) => result !== undefined)
	};
}

async function collectTracked(id: string, sessions: Stores['sessions']): Promise<SavedTracked[]> {
	const tracked: SavedTracked[] = [];
	for await (const frames of sessions.tracked(id)) tracked.push(...frames);
	return tracked;
}

async function collectResult(key: string, results: Stores['results']): Promise<PortableResult | undefined> {
	const saved = await results.get(key);
	if (!saved) return undefined;
	const blobs = new Map<OutputKind, Blob>();
	for (const { kind } of saved.job.results) {
		const blob = await results.file(key, kind);
		if (blob) blobs.set(kind, blob);
	}
	return { job: saved.job, blobs };
}

function portableRecord({
	id: _id,
	file: _file,
	wanted: _wanted,
	tracking,
	...record
}: SavedSession): PortableRecord {
	return { ...record, tracking: tracking && { from: tracking.from, to: tracking.to } };
}

/**
 * Keeps what `importSession` read as a session of its own, newest of all: the whole of it, or nothing when it fails.
 * A result that is here already is kept as it is.
 * @throws CodedError `storage-full`
 * @throws the signal's reason when aborted
 */
export async function storeSession(
	{ session, prompts, tracked, thumbnail, clip, results: made }: PortableSession,
	{ sessions, results, files }: Stores,
	options: WorkOptions = {}
): Promise<SavedSession> {
	const sizes = [clip, ...made.flatMap(({ blobs }) => [...blobs.values()])].map((blob) => blob?.size ?? 0);
	const work = new Work(
		sizes.reduce((sum, size) => sum + size, 0),
		options
	);
	const undo: (() => Promise<void>)[] = [];
	// The session finds a result by its job, which may be another one here.
	const jobs = new Set(session.jobs);
	try {
		for (const { job, blobs } of made) {
			const known = await results.get(job.key);
			jobs.add(known?.job.id ?? job.id);
			if (!known) {
				await results.put(job, blobs);
				undo.push(() => results.remove(job.key));
			}
			for (const blob of blobs.values()) work.advance(blob.size);
		}
		const file = clip && (await files.put(clip));
		if (file !== undefined) undo.push(() => files.remove(file));
		work.advance(clip?.size ?? 0);
		const saved = { ...session, id: newId(), jobs: [...jobs], file, updated: Date.now() };
		await sessions.put(saved, prompts, thumbnail, tracked);
		return saved;
	} catch (error) {
		// What cannot be removed now is whole, and unwanted files are swept at the next start.
		await Promise.allSettled(undo.map((step) => step()));
		throw error;
	}
}
