import { z } from 'zod';
import { translateRequest, translation } from '../protocol/translate.ts';
import { engineSetup } from './setup.ts';

/** Words as the process that translates them gets them. */
export const translationSpec = translateRequest.extend({
	/** How to run the translator. */
	setup: engineSetup
});
export type TranslationSpec = z.infer<typeof translationSpec>;

export const translationOutcome = translation;
export type TranslationOutcome = z.infer<typeof translationOutcome>;
