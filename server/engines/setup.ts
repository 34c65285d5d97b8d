import { z } from 'zod';
import { providers } from '../../models/provider.ts';
import { sha256 } from '../protocol/schema.ts';

export const precisions = ['float32', 'float16'] as const;

/** How an engine's process is to run a network. */
export const engineSetup = z.object({
	/** Folder of the model's weights, and a folder of ours for what is made of weights that cannot be written beside them. */
	folder: z.string(),
	cache: z.string(),
	/** Names the weights: a process that holds others loads anew. */
	weights: sha256,
	provider: z.enum(providers),
	precision: z.enum(precisions),
	/** Threads on the CPU. */
	threads: z.number().int().min(1),
	/** Bytes of the provider's memory that the engine may take. */
	memory: z.number()
});
export type EngineSetup = z.infer<typeof engineSetup>;
