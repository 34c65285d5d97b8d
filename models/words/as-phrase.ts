import { hasChinese } from './translate.ts';

/** Makes a noun phrase of what a translator of sentences says: "The man in red." is "man in red". What is still Chinese is none. */
export function asPhrase(sentence: string): string {
	const bare = sentence.trim().replace(/[\s.!?。]+$/, '');
	if (hasChinese(bare)) return '';
	const phrase = bare.replace(/^(the|an?)\s+/i, '');
	// Names and T-shirts keep their capitals.
	return /^[A-Z][a-z]*( |$)/.test(phrase) ? phrase[0]!.toLowerCase() + phrase.slice(1) : phrase;
}
