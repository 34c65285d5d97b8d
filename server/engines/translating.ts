import { modelError } from '../../models/errors.ts';
import { Turns } from '../../models/turns.ts';
import type { Translation } from '../protocol/translate.ts';
import type { EngineCatalogue } from './catalogue.ts';
import { translatorMemory } from './memory.ts';
import type { EnginePool } from './pool.ts';

export interface TranslatingParts {
	readonly engines: Pick<EngineCatalogue, 'readyTranslator'>;
	readonly pool: Pick<EnginePool, 'run'>;
}

/** Puts Chinese words into English, in a process that has loaded the translator. */
export class Translating {
	readonly #turns = new Turns();

	constructor(private readonly parts: TranslatingParts) {}

	/**
	 * Words in English.
	 * @param signal aborted when nobody waits for the answer any more
	 * @throws CodedError `words-…`, `model-absent` and what else keeps the translator from running; `memory-busy`, `memory-short`, `engine-died`
	 */
	async translate(words: string, signal: AbortSignal): Promise<Translation> {
		if (words.trim() === '') throw modelError('words-empty');
		const setup = await this.parts.engines.readyTranslator();
		const task = { kind: 'translate', spec: { words, setup } } as const;
		return this.#turns.take(
			() => this.parts.pool.run(task, translatorMemory, { signal, onProgress: () => {} }),
			signal
		);
	}
}
