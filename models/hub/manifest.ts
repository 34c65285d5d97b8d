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

/** What of a model is here. `partial`: a download that was not finished; `damaged`: a file is missing, of another size or unreadable. */
export const installationStates = ['absent', 'partial', 'present', 'damaged'] as const;
export type InstallationState = (typeof installationStates)[number];

/** Where a model's files come from: the hub, a formula, or someone who put them there. */
export const origins = ['hub', 'stand-in', 'by-hand'] as const;
export type Origin = (typeof origins)[number];

/** Whether everything that belongs to the model was found right when it came. */
export function isComplete({ files }: Manifest): boolean {
	return files.every(({ sha256 }) => sha256 !== undefined);
}
