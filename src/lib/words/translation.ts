import { hasChinese, translateByGlossary } from '$models/words/translate.ts';

/** A phrase in English, as SAM 3 understands it. */
export interface Translation {
	/** Absent where nothing was understood. */
	readonly english?: string;
	readonly by: 'as-is' | 'browser' | 'opus-mt' | 'glossary';
	/** The parts of the phrase that were not understood. */
	readonly unknown: readonly string[];
}

/** Brings a phrase into English with the best translator that is here; English stays as it is. */
export async function translate(words: string, signal?: AbortSignal): Promise<Translation> {
	signal?.throwIfAborted();
	if (!hasChinese(words)) return { english: words.trim(), by: 'as-is', unknown: [] };
	return { ...translateByGlossary(words), by: 'glossary' };
}
