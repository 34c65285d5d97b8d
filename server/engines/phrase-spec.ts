import { z } from 'zod';
import { phraseAnswer, phraseRequest } from '../protocol/phrases.ts';
import { engineSetup } from './setup.ts';

/** A phrase as the process that reads it gets it. */
export const phraseSpec = phraseRequest.extend({
	/** How to run SAM 3's text encoder. */
	setup: engineSetup
});
export type PhraseSpec = z.infer<typeof phraseSpec>;

export const phraseOutcome = phraseAnswer;
export type PhraseOutcome = z.infer<typeof phraseOutcome>;
