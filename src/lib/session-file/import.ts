import type { Hash } from '$lib/state/upload.svelte.ts';
import type { SavedPrompts, SavedTracked } from '$lib/storage/types.ts';
import type { Size } from '$models/frame.ts';
import { encodeMask, type RunLengthMask } from '$models/mask.ts';
import { appError } from '$protocol/errors.ts';
import { runLengthMask, type OutputKind } from '$protocol/schema.ts';
import { Archive, damaged, tooLarge } from './archive.ts';
import { formatVersion, manifest, manifest1, manifestHead, manifestPath, type Manifest } from './manifest.ts';
import { decodeGreyPng } from './png.ts';
import type { PortableRecord, PortableResult, PortableSession } from './portable.ts';
import { readTracked } from './tracked-lines.ts';
import { Work, type WorkOptions } from './work.ts';

export interface ImportOptions extends WorkOptions {
	/** This program's version. */
	readonly program: string;
	/** SHA-256 of a file: in the page `sha256` of `$workers/media/client.ts`. */
	readonly hash: Hash;
}

const manifestLimit = 64 * 2 ** 20;
/** Of all masks together, each of 8 bytes. */
const runsLimit = 32 * 2 ** 20;
const trackedLimit = 512 * 2 ** 20;

/**
 * Reads a session file and checks all of it; nothing is kept. Large files stay where they are: what is returned are parts of `file`.
 *
 *     const portable = await importSession(file, { program, hash: sha256, onProgress, signal });
 *     const session = await storeSession(portable, stores);
 *
 * @throws CodedError `package-foreign`, `package-newer`, `package-damaged`, `package-too-large`
 * @throws the signal's reason when aborted
 */
export async function importSession(file: Blob, options: ImportOptions): Promise<PortableSession> {
	const archive = await Archive.open(file);
	const found = parseManifest(await archive.readText(manifestPath, manifestLimit), options.program);
	const { clip, thumbnail, tracked, results } = found;
	const hashed = [clip, thumbnail, tracked, ...results.flatMap(({ files }) => files)];
	const work = new Work(
		hashed.reduce((sum, file) => sum + (file?.path === undefined ? 0 : file.bytes), 0),
		options
	);
	const read: ReadHashed = async (file) => {
		if (file?.path === undefined) return undefined;
		const blob = await archive.read(file.path, file.bytes);
		if ((await work.hashed(blob, options.hash)) !== file.sha256) throw damaged(file.path);
		return blob;
	};
	return {
		session: record(found),
		prompts: await readPrompts(found, archive, work),
		tracked: await readMasks(found, read),
		thumbnail: await read(thumbnail),
		clip: await read(clip),
		results: await readResults(found, read)
	};
}

/** Reads a file that the manifest names, if it does. @throws CodedError `package-damaged` */
type ReadHashed = (
	file: { readonly path?: string; readonly bytes: number; readonly sha256?: string } | undefined
) => Promise<Blob | undefined>;

/** @throws CodedError `package-foreign`, `package-newer`, `package-damaged` */
function parseManifest(text: string, program: string): Manifest {
	const json = parseJson(text);
	const head = manifestHead.safeParse(json);
	if (!head.success) throw appError('package-foreign', {}, { cause: head.error });
	const newer = () => appError('package-newer', { program: head.data.program });
	if (head.data.formatVersion > formatVersion) throw newer();
	const whole = (head.data.formatVersion === 1 ? manifest1 : manifest).safeParse(json);
	if (whole.success) return whole.data;
	// A newer program has more engines and outputs to name than this one knows.
	if (head.data.program.localeCompare(program, 'en', { numeric: true }) > 0) throw newer();
	throw damaged(manifestPath, whole.error);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw damaged(manifestPath, error);
	}
}

function record({ session, clip }: Manifest): PortableRecord {
	const { name, bytes, sha256: hash, uploaded, width, height, duration, frames } = clip;
	const opened = width && height && duration !== undefined && frames !== undefined;
	return {
		...session,
		name,
		bytes,
		hash,
		uploaded,
		info: opened ? { width, height, duration, frames } : undefined
	};
}

async function readPrompts(
	{ clip, targets, marks, searches, last }: Manifest,
	archive: Archive,
	work: Work
): Promise<SavedPrompts> {
	const read: SavedPrompts['marks'][number][] = [];
	const size = clip as Size; // the schema sees to it, where there are masks
	let runs = 0;
	const readOne = async (path: string | undefined) => {
		const mask = path === undefined ? undefined : await readMask(archive, path, size);
		runs += mask?.counts.length ?? 0;
		if (runs > runsLimit) throw tooLarge(8 * runs, 8 * runsLimit);
		return mask;
	};
	for (const { base, mask, ...about } of marks) {
		work.advance(0);
		read.push({ ...about, base: await readOne(base), mask: await readOne(mask) });
	}
	return { version: 2, targets, marks: read, searches, last };
}

/** The masks that tracking found. */
async function readMasks({ clip, tracked }: Manifest, readHashed: ReadHashed): Promise<SavedTracked[]> {
	const { width, height } = clip;
	if (tracked && tracked.bytes > trackedLimit) throw tooLarge(tracked.bytes, trackedLimit);
	const file = await readHashed(tracked);
	if (!file) return [];
	try {
		if (!width || !height) throw new Error('masks of an unknown size');
		return await readTracked(file, { width, height });
	} catch (error) {
		throw damaged(tracked!.path, error);
	}
}

/** @throws CodedError `package-damaged` when it is of another size, or soft */
async function readMask(archive: Archive, path: string, size: Size): Promise<RunLengthMask> {
	const file = await archive.read(path);
	try {
		const plane = await decodeGreyPng(file, size);
		if (plane.data.some((value) => value !== 0 && value !== 255)) throw new Error('neither 0 nor 255');
		return runLengthMask.parse(encodeMask(plane));
	} catch (error) {
		throw damaged(path, error);
	}
}

async function readResults({ results }: Manifest, readHashed: ReadHashed): Promise<PortableResult[]> {
	const read: PortableResult[] = [];
	for (const { job, files } of results) {
		const blobs = new Map<OutputKind, Blob>();
		for (const file of files) {
			const blob = await readHashed(file);
			if (blob) blobs.set(file.kind, blob);
		}
		read.push({ job, blobs });
	}
	return read;
}
