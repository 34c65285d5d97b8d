import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { openNetworks } from '../weights/networks.node.ts';
import { readSam3Config } from './config.node.ts';
import { buildTextEncoder } from './graphs/text-encoder.ts';
import type { OpenSam3 } from './open.node.ts';
import { Phrases, type PhraseReader } from './phrases.ts';
import { openTokenizer } from './tokenizer.node.ts';

/**
 * Opens what reads phrases, and nothing else of SAM 3, from its official checkpoint.
 * @throws CodedError `weights-…`, `model-damaged`, `out-of-memory`, `disk-full`
 */
export async function openPhrases({
	folder,
	cache,
	runtime,
	precision
}: Pick<OpenSam3, 'folder' | 'cache' | 'runtime' | 'precision'>): Promise<PhraseReader> {
	const config = await readSam3Config(folder);
	const checkpoint = await openCheckpoint(folder);
	const { image_size: size } = config.detector_config.vision_config.backbone_config;
	const { provider } = runtime;
	const text = buildTextEncoder({ weights: checkpoint.tensors, config, size, precision, provider });
	const tokenizer = await openTokenizer(folder, config);
	const stored = { checkpoint, folder, cache };
	// Words come now and then.
	return new Phrases(await openNetworks(runtime, { text }, stored, { occasional: ['text'] }), tokenizer);
}
