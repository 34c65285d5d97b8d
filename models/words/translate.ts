import { simplify } from './glossary/traditional.ts';
import { lexicon, longestWord } from './lexicon.ts';
import { englishWords, readNumeral } from './numerals.ts';
import { parse } from './parse.ts';
import { render } from './render.ts';

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
	const text = normalise(words);
	const { known, unknown } = sift(text);
	const things = parse(known);
	if (things) return { english: render(things), unknown };
	return { unknown: unknown.length > 0 ? unknown : [words.trim()] };
}

/** Simplified characters and plain signs, with spaces between English words only. */
function normalise(words: string): string {
	return simplify(words.normalize('NFKC'))
		.replace(/[。.!?…"'“”‘’《》「」()[\]{}:~·]+(?!\w)|(?<!\w)['.]/g, ' ')
		.trim()
		.replace(/(?<=[\w'-])\s+(?=[\w'-])/g, '\u0000')
		.replace(/\s+/g, '')
		.replaceAll('\u0000', ' ');
}

/** Parts a text into what the glossary has words for, and the rest: so that as few characters as possible are left. */
function sift(text: string): { known: string; unknown: string[] } {
	// For every place, how many characters after it are left at least, and where the part that begins there ends.
	const best: { left: number; end: number; known: boolean }[] = [];
	best[text.length] = { left: 0, end: text.length, known: true };
	for (let at = text.length - 1; at >= 0; at--) {
		best[at] = { left: best[at + 1]!.left + 1, end: at + 1, known: false };
		for (const end of wordEnds(text, at))
			if (best[end]!.left < best[at]!.left) best[at] = { left: best[end]!.left, end, known: true };
	}
	let known = '';
	const unknown: string[] = [];
	let wasKnown = true;
	for (let at = 0; at < text.length; at = best[at]!.end) {
		const part = text.slice(at, best[at]!.end);
		// What was not understood goes with the 的 that ties it to the rest.
		if (best[at]!.known) known += !wasKnown && part === '的' ? '' : part;
		else if (wasKnown) unknown.push(part);
		else unknown[unknown.length - 1] += part;
		wasKnown = best[at]!.known;
	}
	return { known, unknown };
}

/** Where the words end that begin at a place. */
function wordEnds(text: string, at: number): number[] {
	const ends: number[] = [];
	for (let end = at + 1; end <= Math.min(text.length, at + longestWord); end++)
		if (lexicon.has(text.slice(at, end).toLowerCase())) ends.push(end);
	const english = englishWords(text, at);
	const numeral = readNumeral(text, at);
	return [...ends, ...(english ? [at + english.length] : []), ...(numeral ? [numeral.end] : [])];
}
