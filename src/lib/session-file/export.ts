import { makeZip } from 'client-zip';
import type { Hash } from '$lib/state/upload.svelte.ts';
import type { SavedPrompts } from '$lib/storage/types.ts';
import { decodeMask } from '$models/mask.ts';
import type { OutputKind } from '$protocol/schema.ts';
import { formatName, formatVersion, manifest, manifestPath, plainName, type Manifest } from './manifest.ts';
import { encodeGreyPng } from './png.ts';
import type { PortableResult, PortableSession } from './portable.ts';
import { Work, type WorkOptions } from './work.ts';

export interface ExportOptions extends WorkOptions {
	/** This program's version. */
	readonly program: string;
	/** SHA-256 of a file: in the page `sha256` of `$workers/media/client.ts`. */
	readonly hash: Hash;
}

/** A file on its way into the archive. */
interface Packed {
	readonly path: string;
	readonly file: Blob;
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
 * @throws the signal's reason when aborted
 */
export async function exportSession(portable: PortableSession, options: ExportOptions): Promise<Blob> {
	const { session, prompts, clip, results } = portable;
	const large = [...(clip ? [clip] : []), ...results.flatMap(({ blobs }) => [...blobs.values()])];
	// Every large file is read twice: to be hashed, and to be packed.
	const work = new Work(2 * large.reduce((sum, { size }) => sum + size, 0), options);

	const masks = await packMasks(prompts, work);
	const packedClip = clip && { path: `clip/${plainName(session.name)}`, file: clip };
	const packedResults = results.map(packResult);

	const size = session.info ?? prompts.frames.find(({ mask }) => mask)?.mask;
	const described: Manifest = {
		format: formatName,
		formatVersion,
		program: options.program,
		created: Date.now(),
		session: {
			title: session.title,
			engine: session.engine,
			options: session.options,
			outputs: [...session.outputs],
			jobs: [...session.jobs],
			results: [...session.results],
			created: session.created,
			updated: session.updated
		},
		clip: {
			name: session.name,
			bytes: session.bytes,
			sha256: clip ? await work.hashed(clip, options.hash) : session.hash,
			width: size?.width,
			height: size?.height,
			duration: session.info?.duration,
			frames: session.info?.frames,
			uploaded: session.uploaded,
			path: packedClip?.path
		},
		frames: prompts.frames.map((frame) => ({
			time: frame.time,
			prompts: [...frame.prompts],
			mask: masks.get(frame)?.path
		})),
		results: []
	};
	for (const { job, files } of packedResults) {
		const summed: Manifest['results'][number]['files'] = [];
		for (const { kind, path, file } of files) {
			summed.push({ kind, path, bytes: file.size, sha256: await work.hashed(file, options.hash) });
		}
		described.results.push({ job, files: summed });
	}

	// What could not be read again must not be handed out.
	const text = JSON.stringify(manifest.parse(described), null, '\t');
	const head = { path: manifestPath, file: new Blob([text]) };
	const files = [head, ...masks.values(), ...packedResults.flatMap(({ files }) => files)];
	return pack(packedClip ? [...files, packedClip] : files, work);
}

async function packMasks(
	{ frames }: SavedPrompts,
	work: Work
): Promise<Map<SavedPrompts['frames'][number], Packed>> {
	const masks = new Map<SavedPrompts['frames'][number], Packed>();
	for (const frame of frames) {
		if (!frame.mask) continue;
		work.advance(0);
		const path = `masks/${String(masks.size + 1).padStart(6, '0')}.png`;
		masks.set(frame, { path, file: await encodeGreyPng(decodeMask(frame.mask)) });
	}
	return masks;
}

function packResult({ job, blobs }: PortableResult) {
	const files = [...blobs].map(([kind, file]: [OutputKind, Blob]) => {
		const made = job.results.find((result) => result.kind === kind);
		return { kind, file, path: `results/${job.key}/${plainName(made?.file ?? kind)}` };
	});
	return { job, files };
}

/** A zip of files that are stored as they are: masks and media do not shrink any more. */
async function pack(files: readonly Packed[], work: Work): Promise<Blob> {
	const lastModified = new Date();
	const zip = makeZip(files.map(({ path, file }) => ({ name: path, input: file, lastModified })));
	const counted = zip.pipeThrough(
		new TransformStream<Uint8Array, Uint8Array>({
			transform(piece, controller) {
				work.advance(piece.length);
				controller.enqueue(piece);
			}
		})
	);
	try {
		return await new Response(counted).blob();
	} catch (error) {
		// Chromium says only that reading failed.
		work.signal.throwIfAborted();
		throw error;
	}
}
