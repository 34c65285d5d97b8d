import { z } from 'zod';
import { weightTable } from '../../models/weights/table.ts';
import { sha256 } from './schema.ts';

/** A model for browsers: what its one file of weights holds, which is fetched on its own. */
export const webModel = weightTable.extend({
	model: z.string(),
	/** SHA-256 of the weights that it was made from, for the result's key. */
	weights: sha256
});
export type WebModel = z.infer<typeof webModel>;
