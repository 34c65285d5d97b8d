import { z } from 'zod';
import type { ModelId } from '../../models/registry.ts';
import { sam3Config } from '../../models/sam3/config.ts';
import { weightTable } from '../../models/weights/table.ts';
import { errorBody } from './errors.ts';
import { sha256 } from './schema.ts';

/** What browsers can keep of models to compute by themselves, each in one file: SAM 3 reads words with a file of its own. */
export const webModelIds = ['matanyone2', 'sam3', 'sam3-text'] as const;
export const webModelId = z.enum(webModelIds);
export type WebModelId = (typeof webModelIds)[number];

/** The model on the server that each is made from. */
export const webModelSources: Readonly<Record<WebModelId, ModelId>> = {
	matanyone2: 'matanyone2',
	sam3: 'sam3',
	'sam3-text': 'sam3'
};

/** Bytes of each, about: what they are of the official weights. */
export const webModelBytes: Readonly<Record<WebModelId, number>> = {
	matanyone2: 85_100_000,
	sam3: 315_000_000,
	'sam3-text': 272_000_000
};

/**
 * The form that each is handed out in: the pieces of its file, and what is told beside it. Raise one when its graphs want other pieces or
 * its loops other numbers, so that browsers offer to fetch it again; what they keep serves for as long as it fits.
 */
export const webModelForms: Readonly<Record<WebModelId, string>> = {
	matanyone2: '1',
	sam3: '1',
	'sam3-text': '1'
};

const vector = z.array(z.number());

/** A model for browsers: what its one file of weights holds, which is fetched on its own. */
export const webModel = weightTable.extend({
	model: webModelId,
	/** SHA-256 of the weights that it was made from, for the result's key. */
	weights: sha256,
	/** Of `webModelForms`; the first one was not named. */
	form: z.string().default('1'),
	/** SAM 3's configuration. */
	config: sam3Config.optional(),
	/** Numbers that SAM 3's loops need, out of the graphs; `likeThese` are the tokens of the words that stand for examples without words. */
	constants: z.object({ noMemory: vector, noObjectPointer: vector, likeThese: vector }).optional(),
	/** The content of `tokenizer.json`, for what reads words. */
	tokenizer: z.unknown().optional()
});
export type WebModel = z.infer<typeof webModel>;

/** Bytes written of a file of weights that is being made. */
export const preparation = z.object({ done: z.number(), total: z.number() });
export type Preparation = z.infer<typeof preparation>;

/** The answer in the place of a `webModel` that is being made: 202. */
export const webModelPreparing = z.object({ preparing: preparation });

/** What the server has for browsers. */
export const webModelOffer = z.object({
	id: webModelId,
	/** SHA-256 of the weights that it is made from; absent when they are not here. */
	weights: sha256.optional(),
	/** The form that it is handed out in. */
	form: z.string(),
	/** Bytes to fetch, about until it is made. */
	bytes: z.number(),
	standIn: z.boolean(),
	/** How far its making is, while it is being made. */
	preparing: preparation.optional(),
	/** Why it cannot be had. */
	problem: errorBody.optional()
});
export type WebModelOffer = z.infer<typeof webModelOffer>;
