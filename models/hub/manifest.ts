import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A path below the model's folder, with `/` on every system: what it names may be removed. */
const innerPath = z
	.string()
	.refine((path) => path.split('/').every((part) => !/^\.{0,2}$/.test(part) && !/[\\:\0]/.test(part)));

/** One file of a model. */
const modelFile = z.object({ path: innerPath, bytes: z.number().int().min(0) });

const installedFile = modelFile.extend({
	sha256,
	/** When it was last changed, in milliseconds since 1970: changed since then, its SHA-256 is another. */
	modified: z.number().optional()
});

/** A repository that files come from. */
const source = z.object({
	/** Its address. */
	page: z.string(),
	/** The branch, tag or commit that was asked for, and the commit that it stood for. */
	revision: z.string(),
	commit: z.string()
});

/** Where a model's files come from and on which terms. */
const origin = z.object({
	model: z.string(),
	/** In the order of the model's own list; absent for stand-in weights. */
	sources: z.array(source).optional(),
	/** The licence that the user accepted, and when (ISO 8601). */
	licence: z.object({ name: z.string(), url: z.string(), accepted: z.string() }).optional(),
	/** Whether the weights come from a formula and not from training. */
	standIn: z.boolean()
});

/** What lies beside a model's files as `manifest.json`, once they were all found right. */
export const manifest = z.preprocess(listSources, origin.extend({ files: z.array(installedFile) }));
export type Manifest = z.infer<typeof manifest>;

/** What lies there as `pull.json` while files are downloaded, so that it is gone on with. */
export const pullRecord = z.preprocess(listSources, origin.extend({ files: z.array(modelFile) }));
export type PullRecord = z.infer<typeof pullRecord>;

/** Files that were written when a model had one repository name it beside the rest. */
function listSources(record: unknown): unknown {
	const one = z.object({ source: z.string(), revision: z.string(), commit: z.string() }).safeParse(record);
	if (!one.success) return record;
	const { source: page, revision, commit } = one.data;
	return { ...(record as object), sources: [{ page, revision, commit }] };
}

/** What of a model is here. `partial`: a download that was not finished; `damaged`: a file is missing, of another size or unreadable. */
export const installationStates = ['absent', 'partial', 'present', 'damaged'] as const;
export type InstallationState = (typeof installationStates)[number];

/** Where a model's files come from: the hub, a formula, or someone who put them there. */
export const origins = ['hub', 'stand-in', 'by-hand'] as const;
export type Origin = (typeof origins)[number];
