import { CodedError, modelError } from '../../models/errors.ts';
import { asPhrase } from '../../models/words/as-phrase.ts';
import { hasChinese, translateByGlossary } from '../../models/words/translate.ts';
import { localTranslatorSetup } from '../engines/local-setup.ts';
import { translateWords } from '../engines/translate-words.ts';
import type { TranslationOutcome } from '../engines/translation-spec.ts';
import type { TargetArgs } from './target-args.ts';
import type { Terminal } from './terminal.ts';

/** Puts words into English with a network; undefined where none is installed. */
export type TranslateWords = (
	words: string,
	signal: AbortSignal
) => Promise<Pick<TranslationOutcome, 'english' | 'standIn'> | undefined>;

/**
 * A target whose words are English: Chinese ones are translated, and the terminal tells what was made of them.
 * @throws CodedError `words-unknown` when a part of them is understood by nothing here, and what the translator throws
 */
export async function inEnglish(
	target: TargetArgs,
	{ tell, words: say }: Pick<Terminal, 'tell' | 'words'>,
	signal: AbortSignal,
	translate: TranslateWords = withInstalled
): Promise<TargetArgs> {
	const words = target.concept?.words;
	if (words === undefined || !hasChinese(words)) return target;
	const answer = await translate(words, signal);
	const known = answer && !answer.standIn ? asPhrase(answer.english) : '';
	const { english, unknown } = known ? { english: known, unknown: [] } : translateByGlossary(words);
	if (!english || unknown.length > 0) throw modelError('words-unknown', { unknown: unknown.join(' ') });
	tell(say.say('translated', { words, english }));
	return { ...target, concept: { ...target.concept, words: english } };
}

const withInstalled: TranslateWords = async (words, signal) => {
	try {
		return await translateWords({ words, setup: await localTranslatorSetup() }, signal);
	} catch (error) {
		if (error instanceof CodedError && error.code === 'model-absent') return undefined;
		throw error;
	}
};
