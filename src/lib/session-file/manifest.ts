import { z } from 'zod';
import { mostTargets, targetColours } from '$lib/state/targets.ts';
import type { Example, Prompt } from '$models/segmenter.ts';
import { engineId, job, matteOptions, outputKind, sha256 } from '$protocol/schema.ts';

/** The format's name and version; docs/session-file.md says when the version grows. */
export const formatName = 'splazmatte';
export const formatVersion = 2 as const;

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

/** Seconds after the clip's first frame. */
const time = z.number().min(0);
const id = z.int().min(1);
const score = z.number().min(0).max(1);

const target = z.object({
	id,
	name: name.optional(),
	/** The English words that it was found by. */
	words: name.optional(),
	colour: z.int().min(1).max(targetColours),
	/** Whether it is part of the matte. */
	on: z.boolean()
});

/** What was said about one target on one frame. */
const marks = z.object({
	target: id,
	time,
	/** Names it: tracked masks say which marks they follow from. */
	revision: z.int().min(1),
	prompts: z.array(prompt),
	/** What the prompts correct, as a PNG; without prompts, the mask. */
	base: fileIn('masks').optional(),
	/** The mask that was made of the prompts, as a PNG. */
	mask: fileIn('masks').optional(),
	score: score.optional()
});

const example: z.ZodType<Example> = z.object({
	...{ x: z.number(), y: z.number(), width: z.number(), height: z.number() },
	positive: z.boolean()
});

/** What was looked for on a frame, and the targets that were found. */
const search = z.object({
	time,
	words: name.optional(),
	examples: z.array(example).max(1000),
	targets: z.array(id).max(1000)
});

/** What the first version says of a frame; there is only one target. */
const frame = z.object({ time, prompts: z.array(prompt), mask: fileIn('masks').optional() });

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

/** What every version has. */
const common = {
	format: z.literal(formatName),
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
		/** The part of the clip that is tracked. */
		tracking: z.object({ from: time.optional(), to: time.optional() }).optional(),
		created: moment,
		updated: moment
	}),
	clip,
	/** A small picture of the clip. */
	thumbnail: thumbnail.optional(),
	results: z.array(result).max(1000)
};

const content = z.object({
	...common,
	formatVersion: z.literal(formatVersion),
	targets: z.array(target).min(1).max(mostTargets),
	marks: z.array(marks).max(10_000),
	searches: z.array(search).max(10_000),
	/** The highest id and revision that were ever given. */
	last: z.object({ target: id, revision: z.int().min(0) }),
	/** The masks that tracking found: see `tracked-lines.ts`. */
	tracked: z.object({ path: z.literal('tracked.jsonl'), bytes, sha256 }).optional()
});
export type Manifest = z.infer<typeof content>;

/** `manifest.json` of a session file; see docs/session-file.md. */
export const manifest = content
	.refine(({ targets }) => isUnique(targets.map(({ id }) => id)), { message: 'two targets of one id' })
	.refine(({ targets, marks }) => marks.every((own) => targets.some(({ id }) => id === own.target)), {
		message: 'marks of an unknown target'
	})
	.refine(
		({ clip, marks }) => (clip.width && clip.height) || marks.every(({ base, mask }) => !base && !mask),
		{
			message: 'masks of an unknown size'
		}
	)
	.refine(({ session, results }) => results.every(({ job }) => session.results.includes(job.key)), {
		message: 'a result of another session'
	})
	.refine((all) => isUnique(paths(all)), { message: 'a file is named twice' });

/** The same of version 1, which knows one target. */
export const manifest1 = z
	.object({ ...common, formatVersion: z.literal(1), frames: z.array(frame).max(10_000) })
	.transform(({ frames, ...rest }): z.input<typeof content> => ({
		...rest,
		formatVersion,
		targets: [{ id: 1, colour: 1, on: true }],
		marks: frames.map((own, index) => ({ target: 1, revision: index + 1, ...own })),
		searches: [],
		last: { target: 1, revision: frames.length }
	}))
	.pipe(manifest);

/** What a manifest of every version says of itself. */
export const manifestHead = z.object({
	format: z.literal(formatName),
	formatVersion: z.int().min(1),
	program: z.string().min(1).max(100)
});

/** Every file that a manifest names. */
function paths({ clip, thumbnail, tracked, marks, results }: Manifest): string[] {
	const files = [clip, thumbnail, tracked, ...results.flatMap(({ files }) => files)];
	const masks = marks.flatMap(({ base, mask }) => [base, mask]);
	return [...files.map((file) => file?.path), ...masks].filter((path) => path !== undefined);
}

function isUnique(values: readonly (string | number)[]): boolean {
	return new Set(values).size === values.length;
}
