import { z } from 'zod';
import { sha256 } from './schema.ts';

/**
 * Asks what words mean to SAM 3's detector. English, a noun phrase; one that is too long for the detector is sent all the same, since its
 * tokenizer says how much too long.
 */
export const phraseRequest = z.object({ words: z.string().min(1).max(10_000) });

/** A phrase as the text encoder reads it. */
export const phraseAnswer = z.object({
	/** SHA-256 of the weights that read it: tokens of others say nothing. */
	weights: sha256,
	/** A token after the other, without padding: float32 [n, channels], little-endian, in base64. */
	tokens: z.base64()
});
export type PhraseAnswer = z.infer<typeof phraseAnswer>;
