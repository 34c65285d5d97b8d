import { modelError } from '../../models/errors.ts';
import { normalisePhrase } from '../../models/sam3/phrases.ts';
import { Turns } from '../../models/turns.ts';
import type { PhraseAnswer } from '../protocol/phrases.ts';
import type { EngineCatalogue } from './catalogue.ts';
import { phraseMemory } from './memory.ts';
import type { EnginePool } from './pool.ts';

export interface PhraseReadingParts {
	readonly engines: Pick<EngineCatalogue, 'readySegmenter'>;
	readonly pool: Pick<EnginePool, 'run'>;
}

/** Reads phrases for browsers that run SAM 3 themselves, in a process that has loaded its text encoder only. */
export class PhraseReading {
	readonly #turns = new Turns();

	constructor(private readonly parts: PhraseReadingParts) {}

	/**
	 * What a phrase means to SAM 3's detector.
	 * @param signal aborted when nobody waits for the answer any more
	 * @throws CodedError `words-…`, what keeps SAM 3 from running; `memory-busy`, `memory-short`, `engine-died`
	 */
	async read(words: string, signal: AbortSignal): Promise<PhraseAnswer> {
		if (normalisePhrase(words) === '') throw modelError('words-empty');
		const state = await this.parts.engines.readySegmenter('sam3');
		const setup = state.setup!;
		const task = { kind: 'phrase', spec: { words, setup } } as const;
		return this.#turns.take(
			() => this.parts.pool.run(task, phraseMemory(setup), { signal, onProgress: () => {} }),
			signal
		);
	}
}
