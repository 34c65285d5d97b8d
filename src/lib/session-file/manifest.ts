import { z } from 'zod';
import type { Prompt } from '$models/segmenter.ts';
import { engineId, job, matteOptions, outputKind, sha256 } from '$protocol/schema.ts';

/** The format's name and version; docs/session-file.md says when the version grows. */
export const formatName = 'splazmatte';
export const formatVersion = 1;

export const manifestPath = 'manifest.json';

const name = z.string().min(1).max(1000);
const bytes = z.int().min(0);
/** Milliseconds since 1970. */
const moment = z.number().min(0);
const side = z.int().min(1).max(16384);

/** Whether a path leads nowhere but to a file inside the archive, on any system. */
export function isPlainPath(path: string): boolean {
	const parts = path.split('/');
	return !/[\\:\p{Cc}]/u.test(path) && !parts.some((part) => part === '' || part === '.' || part === '..');
}

/** A file's name with nothing in it that is more than a name on some system. */
export function plainName(text: string): string {
	const plain = text.replaceAll(/[\\/:*?"<>|\p{Cc}\p{Cs}]/gu, '_');
	return /^\.*$/.test(plain) ? '_' : plain;
}

const fileIn = (folder: string) =>
	z.string().refine((path) => isPlainPath(path) && path.startsWith(`${folder}/`));

export const prompt: z.ZodType<Prompt> = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('point'), x: z.number(), y: z.number(), positive: z.boolean() }),
	z.object({ kind: z.literal('box'), x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
	z.object({
		kind: z.literal('stroke'),
		points: z.array(z.tuple([z.number(), z.number()])),
		radius: z.number().min(0),
		positive: z.boolean()
	})
]);

const clip = z.object({
	name,
	bytes,
	sha256: sha256.optional(),
	/** Of the upright picture, and so of the masks. */
	width: side.optional(),
	height: side.optional(),
	/** Seconds. */
	duration: z.number().min(0).optional(),
	frames: z.int().min(0).optional(),
	/** The server where the session was made has it. */
	uploaded: z.boolean(),
	/** Where it lies in the archive; absent when it is not included. */
	path: fileIn('clip').optional()
});

const thumbnail = z.object({ path: z.literal('thumbnail.jpg'), bytes: bytes.max(2 ** 20), sha256 });

/** What was said about one frame. */
const frame = z.object({
	/** Seconds after the clip's first frame. */
	time: z.number().min(0),
	prompts: z.array(prompt),
	/** The mask that was made of it, as a PNG. */
	mask: fileIn('masks').optional()
});

const result = z
	.object({
		job,
		files: z.array(z.object({ kind: outputKind, path: fileIn('results'), bytes, sha256 }))
	})
	.refine(({ job }) => job.state === 'done', { message: 'the job is not done' })
	.refine(
		({ job, files }) =>
			files.every(({ kind, bytes }) =>
				job.results.some((made) => made.kind === kind && made.bytes === bytes)
			),
		{ message: 'a file that the job did not make' }
	);

const content = z.object({
	format: z.literal(formatName),
	formatVersion: z.literal(formatVersion),
	/** The version of the program that wrote the file. */
	program: z.string().min(1).max(100),
	/** When it was written. */
	created: moment,
	session: z.object({
		title: name.optional(),
		engine: engineId,
		options: matteOptions,
		outputs: z.array(outputKind),
		/** Ids on the server where the session was made. */
		jobs: z.array(z.string().max(100)),
		/** Keys of all results, newest last, also of those that are not included. */
		results: z.array(sha256),
		created: moment,
		updated: moment
	}),
	clip,
	/** A small picture of the clip. */
	thumbnail: thumbnail.optional(),
	frames: z.array(frame).max(10_000),
	results: z.array(result).max(1000)
});
export type Manifest = z.infer<typeof content>;

/** `manifest.json` of a session file; see docs/session-file.md. */
export const manifest = content
	.refine(({ clip, frames }) => (clip.width && clip.height) || frames.every(({ mask }) => !mask), {
		message: 'masks of an unknown size'
	})
	.refine(({ session, results }) => results.every(({ job }) => session.results.includes(job.key)), {
		message: 'a result of another session'
	})
	.refine((all) => new Set(paths(all)).size === paths(all).length, { message: 'a file is named twice' });

/** What a manifest of every version says of itself. */
export const manifestHead = z.object({
	format: z.literal(formatName),
	formatVersion: z.int().min(1),
	program: z.string().min(1).max(100)
});

/** Every file that a manifest names. */
function paths({ clip, thumbnail, frames, results }: Manifest): string[] {
	const files = [clip, thumbnail, ...results.flatMap(({ files }) => files)];
	return [...files.map((file) => file?.path), ...frames.map(({ mask }) => mask)].filter(
		(path) => path !== undefined
	);
}
