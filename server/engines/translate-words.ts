import { openTranslator } from '../../models/opus/open.node.ts';
import type { Translator } from '../../models/opus/translator.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import type { EngineSetup } from './setup.ts';
import { Slot } from './slot.ts';
import type { TranslationOutcome, TranslationSpec } from './translation-spec.ts';

const slot = new Slot<Translator>((translator) => translator.dispose());

/**
 * Puts Chinese words into English with OPUS-MT, which stays loaded in this process.
 * @throws CodedError `words-empty`, `words-long`, `weights-…`, `model-damaged`, `out-of-memory`; the signal's reason when it was aborted
 */
export async function translateWords(
	{ words, setup }: TranslationSpec,
	signal?: AbortSignal
): Promise<TranslationOutcome> {
	const { identity, standIn } = await openCheckpoint(setup.folder);
	const translator = await slot.get(JSON.stringify([setup, identity]), () => open(setup));
	const english = await translator.translate(words, signal);
	return { english, by: 'opus-mt', provider: setup.provider, standIn };
}

async function open({ folder, cache, provider, threads }: EngineSetup): Promise<Translator> {
	const runtime = await createNodeRuntime({ providers: [provider], threads });
	return openTranslator({ folder, cache, runtime });
}
