import { z } from 'zod';

/** `POST /api/translate`: Chinese words that say what to look for, to be put into English. */
export const translateRequest = z.object({
	/** Long texts are no phrases; how much the translator reads it says by itself (`words-long`). */
	words: z.string().max(1000)
});
export type TranslateRequest = z.infer<typeof translateRequest>;

export const translation = z.object({
	english: z.string(),
	by: z.literal('opus-mt'),
	/** What it ran on. */
	provider: z.string(),
	/** Whether the translator's weights come from a formula, so that the English means nothing. */
	standIn: z.boolean()
});
export type Translation = z.infer<typeof translation>;
