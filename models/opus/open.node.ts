import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';
import type { NodeRuntime } from '../runtime.node.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { checkUnchanged, openNetworks } from '../weights/networks.node.ts';
import { readJson } from '../weights/read-json.node.ts';
import { parseMarianConfig, type MarianConfig } from './config.ts';
import { buildDecoder } from './graphs/decoder.ts';
import { buildEncoder } from './graphs/encoder.ts';
import { createTokenizer } from './tokenizer.ts';
import { candidatesOf, createTranslator, type Translator } from './translator.ts';

const modelName = 'OPUS-MT zh-en';

export interface OpenTranslator {
	/** The official checkpoint's folder: `pytorch_model.bin`, `config.json`, `source.spm` and `vocab.json`. */
	readonly folder: string;
	/** A folder of ours, for what is made of weights that cannot be written beside them. */
	readonly cache: string;
	readonly runtime: NodeRuntime;
	readonly signal?: AbortSignal;
}

/**
 * Opens a Marian model as the OPUS-MT project publishes it.
 * @throws CodedError `weights-…`, `model-damaged` when a file is missing, `weights-other` for another model's, `out-of-memory`, `disk-full`;
 * the signal's reason when it was aborted
 */
export async function openTranslator({
	folder,
	cache,
	runtime,
	signal
}: OpenTranslator): Promise<Translator> {
	const config = await readMarianConfig(folder);
	const [source, vocabulary] = await Promise.all([
		read(folder, 'source.spm'),
		readJson(folder, 'vocab.json', modelName)
	]);
	const tokenizer = createTokenizer({ source, vocabulary }, config);
	const checkpoint = await openCheckpoint(folder, signal);
	const build = { weights: checkpoint.tensors, config };
	const graphs = { encoder: buildEncoder(build), decoder: buildDecoder(build, candidatesOf(config)) };
	await checkUnchanged(checkpoint, folder);
	const networks = await openNetworks(runtime, graphs, { checkpoint, folder, cache }, { signal });
	return createTranslator({ networks, tokenizer, config });
}

/**
 * Reads the `config.json` that lies beside a checkpoint's weights.
 * @throws CodedError `model-damaged` when there is none, `weights-damaged` when it cannot be read, `weights-other` when it is another model's
 */
export async function readMarianConfig(folder: string): Promise<MarianConfig> {
	return parseMarianConfig(await readJson(folder, 'config.json', modelName), modelName);
}

async function read(folder: string, file: string): Promise<Buffer> {
	try {
		return await readFile(join(folder, file));
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
		throw modelError('model-damaged', { name: modelName, file }, { cause });
	}
}
