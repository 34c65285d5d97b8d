import { z } from 'zod';
import { installationStates, origins } from '../../models/hub/manifest.ts';
import { licenceIds, models } from '../../models/registry.ts';
import { errorBody } from './errors.ts';

export const modelId = z.enum(models.map(({ id }) => id));

/** A download that runs, or has failed; one that was stopped leaves only the model's state `partial`. */
export const modelDownload = z.object({
	/** Bytes of all files together; total is 0 until the hub has said. */
	done: z.number(),
	total: z.number(),
	bytesPerSecond: z.number().optional(),
	/** Why it failed; absent while it runs. */
	error: errorBody.optional()
});

const licence = z.object({
	id: z.enum(licenceIds),
	name: z.string(),
	url: z.url({ protocol: /^https?$/ }),
	commercialUse: z.boolean()
});

/** A model and what of it is on the server. */
export const modelStatus = z.object({
	id: modelId,
	name: z.string(),
	/** Of its weights. */
	licence,
	/** Of its authors' code, where that is another one. */
	codeLicence: licence.optional(),
	/** Whether its licence was accepted on this server. */
	accepted: z.boolean(),
	/** Where it is published, and the commit that its files come from. */
	sources: z.array(z.object({ page: z.url({ protocol: /^https?$/ }), commit: z.string().optional() })).min(1),
	/** Bytes to download in all, about. */
	bytes: z.number(),
	state: z.enum(installationStates),
	/** Absent when nothing is here. */
	origin: z.enum(origins).optional(),
	/** Bytes that are here. */
	bytesHere: z.number(),
	download: modelDownload.optional(),
	/** Why it counts as damaged. */
	problem: errorBody.optional()
});
export type ModelStatus = z.infer<typeof modelStatus>;

/** Begins a download. */
export const pullRequest = z.object({
	/** Whether the user has read the licence and accepts it; not needed again once it was. */
	acceptLicence: z.boolean().default(false)
});
export type PullRequest = z.infer<typeof pullRequest>;
