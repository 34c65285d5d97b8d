import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256OfFile } from '../../models/hub/files.node.ts';
import { buildMatAnyone } from '../../models/matanyone/graph.ts';
import type { GraphDefinition } from '../../models/onnx/types.ts';
import { createNodeRuntime } from '../../models/runtime.node.ts';
import { readSam3Config } from '../../models/sam3/config.node.ts';
import { readConstants } from '../../models/sam3/constants.ts';
import { buildBrowserGraphs, buildBrowserTextEncoder } from '../../models/sam3/formats.ts';
import { openPhrases } from '../../models/sam3/open-phrases.node.ts';
import { LIKE_THESE } from '../../models/sam3/phrases.ts';
import { createTokenizer } from '../../models/sam3/tokenizer.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import type { Checkpoint } from '../../models/weights/checkpoint.ts';
import { ensurePacked } from '../../models/weights/pack.node.ts';
import { placeWeights } from '../../models/weights/place.ts';
import { readJson } from '../../models/weights/read-json.node.ts';
import { tableOf } from '../../models/weights/table.ts';
import { webModelForms, type Preparation, type WebModel, type WebModelId } from '../protocol/web-model.ts';

/** A model as a browser gets it. */
export interface ServedModel {
	readonly about: WebModel;
	/** The packed file. */
	readonly path: string;
}

export interface WebModelSource {
	readonly id: WebModelId;
	/** The checkpoint's folder. */
	readonly folder: string;
	/** A folder of ours for the packed file, and for nothing else. */
	readonly cache: string;
	/** SHA-256 that names the checkpoint. */
	readonly weights: string;
}

/** What runs in the browser over one file, and what it needs besides. */
interface Parts extends Pick<WebModel, 'config' | 'constants' | 'tokenizer'> {
	readonly graphs: readonly GraphDefinition[];
}

/**
 * Writes the one file of a model for browsers, or finds the one that was written before.
 * @param onProgress told how far the writing is
 * @throws CodedError `weights-…`, `model-damaged`, `disk-full`
 */
export async function writeWebModel(
	source: WebModelSource,
	onProgress: (preparation: Preparation) => void = () => {}
): Promise<ServedModel> {
	const { id, folder, cache, weights } = source;
	const checkpoint = await openCheckpoint(folder);
	await mkdir(cache, { recursive: true });
	const { graphs, ...besides } = await parts[id](checkpoint, source);
	const plan = placeWeights(graphs, checkpoint, { packAll: true });
	const progress = (done: number) => onProgress({ done, total: plan.bytes });
	const path = (await ensurePacked(plan, checkpoint, cache, { progress }))!;
	const table = tableOf(plan, checkpoint, await sha256OfFile(path));
	return { path, about: { model: id, weights, form: webModelForms[id], ...table, ...besides } };
}

type ReadParts = (checkpoint: Checkpoint, source: WebModelSource) => Promise<Parts>;

const parts: Readonly<Record<WebModelId, ReadParts>> = {
	async matanyone2({ tensors }) {
		// Any size that the network takes will do: the weights are the same for all.
		const graphs = buildMatAnyone(tensors, { width: 96, height: 96, precision: 'float16' });
		return { graphs: Object.values(graphs) };
	},

	async sam3(checkpoint, source) {
		const config = await readSam3Config(source.folder);
		const { noMemory, noObjectPointer } = await readConstants(checkpoint);
		return {
			graphs: Object.values(
				buildBrowserGraphs({ weights: checkpoint.tensors, config, size: sizeOf(config) })
			),
			config,
			constants: {
				...{ noMemory: [...noMemory], noObjectPointer: [...noObjectPointer] },
				likeThese: await readLikeThese(source)
			}
		};
	},

	async 'sam3-text'({ tensors }, { folder }) {
		const config = await readSam3Config(folder);
		const tokenizer = await readJson(folder, 'tokenizer.json', 'SAM 3');
		// What is wrong with it is told here, not where it would be of no use.
		createTokenizer(tokenizer, config);
		return {
			graphs: [buildBrowserTextEncoder({ weights: tensors, config, size: sizeOf(config) })],
			config,
			tokenizer
		};
	}
};

const knownTokens = z.object({ weights: z.string(), tokens: z.array(z.number()) });

/** Reads the words that stand for examples with the text encoder, and keeps what they mean: loading it takes a while and 1.4 GB. */
async function readLikeThese({ folder, cache, weights }: WebModelSource): Promise<number[]> {
	const file = join(cache, 'like-these.json');
	const known = knownTokens.safeParse(
		await readFile(file, 'utf8')
			.then(JSON.parse)
			.catch(() => undefined)
	);
	if (known.success && known.data.weights === weights) return known.data.tokens;
	const runtime = await createNodeRuntime({ providers: ['cpu'] });
	// Of a checkpoint in another precision, what runs here is written once more.
	const working = join(cache, 'text');
	const phrases = await openPhrases({ folder, cache: working, runtime, precision: 'float32' });
	try {
		const tokens = [...(await phrases.tokens(LIKE_THESE))];
		await writeFile(file, JSON.stringify({ weights, tokens } satisfies z.infer<typeof knownTokens>));
		return tokens;
	} finally {
		await phrases.dispose();
		await rm(working, { recursive: true, force: true });
	}
}

/** The configuration's own input size; the weights are the same for all. */
function sizeOf({ detector_config }: NonNullable<WebModel['config']>): number {
	return detector_config.vision_config.backbone_config.image_size;
}
