import { modelError } from '../errors.ts';
import type { WebRuntime } from '../runtime.web.ts';
import type { WeightTable } from '../weights/table.ts';
import { openOverTable } from '../weights/table.web.ts';
import type { Sam3Config } from './config.ts';
import { buildBrowserTextEncoder } from './formats.ts';
import { Phrases, type PhraseReader } from './phrases.ts';
import { createTokenizer } from './tokenizer.ts';

/** The text encoder's packed file, and what reading words takes besides. */
export interface TextTable extends WeightTable {
	readonly config?: Sam3Config;
	/** The checkpoint's `tokenizer.json`, parsed. */
	readonly tokenizer?: unknown;
}

/**
 * Opens what reads phrases in a browser over its packed file.
 * @throws CodedError `out-of-memory`, `gpu-lost`, `weights-missing`, `weights-shape`, `weights-other`, `weights-damaged`
 */
export async function openPhrasesWeb(
	runtime: WebRuntime,
	about: TextTable,
	weights: Blob
): Promise<PhraseReader> {
	const { config, tokenizer } = about;
	if (!config) throw modelError('weights-other', { name: 'SAM 3', found: 'another model' });
	const build = {
		weights: new Map(Object.entries(about.tensors)),
		config,
		size: config.detector_config.vision_config.backbone_config.image_size
	};
	const encoder = createTokenizer(tokenizer, config);
	const text = await openOverTable(runtime, buildBrowserTextEncoder(build), about, weights);
	return new Phrases({ text }, encoder);
}
