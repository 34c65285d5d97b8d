import { asPhrase } from '$models/words/as-phrase.ts';
import { hasChinese, translateByGlossary } from '$models/words/translate.ts';
import type { Translation as ServerTranslation } from '$protocol/translate.ts';
import { translateInBrowser } from './browser-translator.ts';

/** A phrase in English, as SAM 3 understands it. */
export interface Translation {
	/** Absent where nothing was understood. */
	readonly english?: string;
	readonly by: 'as-is' | 'browser' | 'opus-mt' | 'glossary';
	/** The parts of the phrase that were not understood; `english` lacks them. */
	readonly unknown: readonly string[];
}

/** Who translates, besides the glossary. */
export interface Translators {
	readonly browser?: (words: string, signal?: AbortSignal) => Promise<string | undefined>;
	/** The server's translator; left out while the server is away. */
	readonly server?: (words: string, signal?: AbortSignal) => Promise<ServerTranslation>;
}

/**
 * Brings a phrase into English with the best translator that works: the browser's, the server's, the glossary. English stays as it is.
 * Who did it is told; those who could not are passed over.
 * @throws the signal's reason when it was aborted
 */
export async function translate(
	words: string,
	signal?: AbortSignal,
	{ browser = translateInBrowser, server }: Translators = {}
): Promise<Translation> {
	signal?.throwIfAborted();
	if (!hasChinese(words)) return { english: words.trim(), by: 'as-is', unknown: [] };
	const byBrowser = asPhrase((await browser(words, signal)) ?? '');
	if (byBrowser) return { english: byBrowser, by: 'browser', unknown: [] };
	const answer = await server?.(words, signal).catch(() => undefined);
	signal?.throwIfAborted();
	const byServer = answer && !answer.standIn ? asPhrase(answer.english) : '';
	if (byServer) return { english: byServer, by: 'opus-mt', unknown: [] };
	return { ...translateByGlossary(words), by: 'glossary' };
}
