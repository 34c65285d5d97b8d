import { toBase64 } from '../../models/base64.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import { openPhrases } from '../../models/sam3/open-phrases.node.ts';
import type { PhraseReader } from '../../models/sam3/phrases.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import type { PhraseOutcome, PhraseSpec } from './phrase-spec.ts';
import type { EngineSetup } from './setup.ts';
import { Slot } from './slot.ts';

const slot = new Slot<PhraseReader>((phrases) => phrases.dispose());

/**
 * Reads a phrase with SAM 3's text encoder, which stays loaded in this process, and remembers it.
 * @throws CodedError `words-empty`, `words-long`, `weights-…`, `out-of-memory`
 */
export async function readPhrase({ words, setup }: PhraseSpec): Promise<PhraseOutcome> {
	const { identity } = await openCheckpoint(setup.folder);
	const phrases = await slot.get(JSON.stringify([setup, identity]), () => open(setup));
	const tokens = await phrases.tokens(words);
	return {
		weights: setup.weights,
		tokens: toBase64(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength))
	};
}

async function open({ folder, cache, provider, precision, threads }: EngineSetup): Promise<PhraseReader> {
	const runtime = await createNodeRuntime({ providers: [provider], threads });
	return openPhrases({ folder, cache, runtime, precision });
}
