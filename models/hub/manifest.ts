import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One file of a model. It has a SHA-256 once it is here whole and was found right. */
const installedFile = z.object({
	path: z.string(),
	bytes: z.number().int().min(0),
	sha256: sha256.optional()
});

/** What lies beside a model's files as `manifest.json`: where they come from and on which terms. */
export const manifest = z.object({
	model: z.string(),
	/** Address of the repository; absent for stand-in weights. */
	source: z.string().optional(),
	/** The branch, tag or commit that was asked for, and the commit that it stood for. */
	revision: z.string().optional(),
	commit: z.string().optional(),
	files: z.array(installedFile),
	/** The licence that the user accepted, and when (ISO 8601). */
	licence: z.object({ name: z.string(), url: z.string(), accepted: z.string() }).optional(),
	/** Whether the weights come from a formula and not from training. */
	standIn: z.boolean()
});
export type Manifest = z.infer<typeof manifest>;

export const manifestFile = 'manifest.json';

/** Whether everything that belongs to the model was found right when it came. */
export function isComplete({ files }: Manifest): boolean {
	return files.every(({ sha256 }) => sha256 !== undefined);
}
