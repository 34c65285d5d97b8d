import type { Hash } from '$lib/state/upload.svelte.ts';
import { decodeMask, requireSize, type RunLengthMask } from '$models/mask.ts';
import { encodeGreyPng } from '$models/png.ts';
import { formatName, formatVersion, manifest, manifestPath, plainName, type Manifest } from './manifest.ts';
import { Packer } from './packer.ts';
import type { PortableResult, PortableSession } from './portable.ts';
import { writeTracked } from './tracked-lines.ts';
import { Work, type WorkOptions } from './work.ts';

export interface ExportOptions extends WorkOptions {
	/** This program's version. */
	readonly program: string;
	/** SHA-256 of a file: in the page `sha256` of `$workers/media/client.ts`. */
	readonly hash: Hash;
}

export const sessionFileExtension = '.splazmatte';

/** The name to save a session's file under. */
export function sessionFileName({ title, name }: PortableSession['session']): string {
	return plainName(title ?? name.replace(/\.[^.]+$/, '')) + sessionFileExtension;
}

/**
 * Packs a session into one file, as docs/session-file.md describes it.
 *
 *     const portable = await collectSession(id, stores, { clip: true });
 *     const file = await exportSession(portable, { program, hash: sha256, onProgress, signal });
 *     save(file, sessionFileName(portable.session));
 *
 * @throws CodedError `mask-size` when a mask is not of the clip's size
 * @throws the signal's reason when aborted
 */
export async function exportSession(portable: PortableSession, options: ExportOptions): Promise<Blob> {
	const { clip, thumbnail, results } = portable;
	const tracked = portable.tracked.length > 0 ? await writeTracked(portable.tracked) : undefined;
	const hashed = [clip, thumbnail, tracked, ...results.flatMap(({ blobs }) => [...blobs.values()])];
	// Every large file is read twice: to be hashed, and to be packed.
	const work = new Work(2 * hashed.reduce((sum, file) => sum + (file?.size ?? 0), 0), options);
	const packer = new Packer(work, options.hash);
	const described: Manifest = {
		format: formatName,
		formatVersion,
		program: options.program,
		created: Date.now(),
		session: describeSession(portable),
		...(await packSaid(portable, packer, work)),
		tracked: tracked && (await packer.addHashed('tracked.jsonl', tracked)),
		thumbnail: thumbnail && (await packer.addHashed('thumbnail.jpg', thumbnail)),
		results: await packResults(results, packer),
		clip: await packClip(portable, packer)
	};
	// What could not be read again must not be handed out.
	return packer.pack(manifestPath, JSON.stringify(manifest.parse(described)));
}

function describeSession({ session }: PortableSession): Manifest['session'] {
	const { title, engine, options, outputs, jobs, results, tracking, created, updated } = session;
	return {
		title,
		engine,
		options,
		outputs: [...outputs],
		jobs: [...jobs],
		results: [...results],
		tracking,
		created,
		updated
	};
}

/** Of the clip's picture and every mask; undefined where there is neither. */
function sizeOf({ session, prompts }: PortableSession) {
	return (
		session.info ?? prompts.marks.map(({ base, mask }) => base ?? mask).find((mask) => mask !== undefined)
	);
}

/** Targets, and what is said of them. */
async function packSaid(
	portable: PortableSession,
	packer: Packer,
	work: Work
): Promise<Pick<Manifest, 'targets' | 'marks' | 'searches' | 'last'>> {
	const { targets, marks, searches, last } = portable.prompts;
	const packed: Manifest['marks'] = [];
	let masks = 0;
	const packMask = async (mask: RunLengthMask | undefined) => {
		if (!mask) return undefined;
		requireSize(mask, sizeOf(portable)!);
		const name = String(++masks).padStart(6, '0');
		return packer.add(`masks/${name}.png`, await encodeGreyPng(decodeMask(mask)));
	};
	for (const { prompts, base, mask, ...about } of marks) {
		work.advance(0);
		packed.push({ ...about, prompts: [...prompts], base: await packMask(base), mask: await packMask(mask) });
	}
	return {
		targets: [...targets],
		marks: packed,
		last,
		searches: searches.map(({ examples, targets, ...about }) => ({
			...{ ...about, examples: [...examples], targets: [...targets] }
		}))
	};
}

async function packResults(results: readonly PortableResult[], packer: Packer): Promise<Manifest['results']> {
	const packed: Manifest['results'] = [];
	for (const { job, blobs } of results) {
		const files: Manifest['results'][number]['files'] = [];
		for (const { kind, file } of job.results) {
			const blob = blobs.get(kind);
			if (!blob) continue;
			files.push({ kind, ...(await packer.addHashed(`results/${job.key}/${plainName(file)}`, blob)) });
		}
		packed.push({ job, files });
	}
	return packed;
}

async function packClip(portable: PortableSession, packer: Packer): Promise<Manifest['clip']> {
	const { name, bytes, hash, uploaded, info } = portable.session;
	const { width, height } = sizeOf(portable) ?? {};
	const facts = {
		name,
		bytes,
		sha256: hash,
		uploaded,
		width,
		height,
		duration: info?.duration,
		frames: info?.frames
	};
	return portable.clip
		? { ...facts, ...(await packer.addHashed(`clip/${plainName(name)}`, portable.clip)) }
		: facts;
}
