import type { Concept } from '$models/segmenter.ts';
import type { Translation } from './translation.ts';

export interface WordsSearchParts {
	/** Looks for things on the shown frame; tells how many were found. */
	readonly find: (concept: Concept, name: string) => Promise<number>;
	readonly translate: (words: string, signal: AbortSignal) => Promise<Translation>;
}

/** Looking for what words describe: they are put into English first, which can be seen and changed. */
export class WordsSearch {
	/** As the user types them. */
	words = $state('');
	/** What is looked for; the user can change it. */
	english = $state('');
	/** Where the English comes from; undefined while nothing was translated. */
	translation = $state.raw<Translation>();
	busy = $state<'translating' | 'finding'>();
	/** The words that were looked for last, in English. */
	looked = $state<string>();
	#running: AbortController | undefined;

	/** The parts of the words that were not understood; nothing is looked for while there are any and the English is not confirmed. */
	readonly unknown = $derived(this.translation?.unknown ?? []);
	/** Whether the English is shown: it differs from what was typed. */
	readonly translated = $derived(this.translation !== undefined && this.translation.by !== 'as-is');

	constructor(private readonly parts: WordsSearchParts) {}

	/** Translates the words and looks for them, where all of them were understood. */
	async submit(): Promise<void> {
		const words = this.words.trim();
		if (words === '') return;
		const signal = this.#begin('translating');
		try {
			const translation = await this.parts.translate(words, signal);
			if (signal.aborted) return;
			this.translation = translation;
			this.english = translation.english ?? '';
			if (translation.unknown.length === 0) await this.#find(signal);
		} catch (error) {
			if (!signal.aborted) throw error;
		} finally {
			this.#end(signal);
		}
	}

	/** Looks for the English as it stands. */
	async submitEnglish(): Promise<void> {
		if (this.english.trim() === '') return;
		const signal = this.#begin('finding');
		try {
			await this.#find(signal);
		} finally {
			this.#end(signal);
		}
	}

	/** The words were changed: what was said of the earlier ones no longer counts. */
	changed(): void {
		this.#running?.abort();
		this.#running = this.busy = this.translation = this.looked = undefined;
		this.english = '';
	}

	async #find(signal: AbortSignal): Promise<void> {
		this.busy = 'finding';
		const words = this.english.trim();
		await this.parts.find({ words }, this.words.trim() || words);
		if (!signal.aborted) this.looked = words;
	}

	#begin(busy: 'translating' | 'finding'): AbortSignal {
		this.#running?.abort();
		this.#running = new AbortController();
		this.busy = busy;
		this.looked = undefined;
		return this.#running.signal;
	}

	#end(signal: AbortSignal): void {
		if (this.#running?.signal === signal) this.busy = this.#running = undefined;
	}
}
