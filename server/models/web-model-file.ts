import { mkdir } from 'node:fs/promises';
import { sha256OfFile } from '../../models/hub/files.node.ts';
import { buildMatAnyone } from '../../models/matanyone/graph.ts';
import type { GraphDefinition } from '../../models/onnx/types.ts';
import { readJson, readSam3Config } from '../../models/sam3/config.node.ts';
import { readConstants } from '../../models/sam3/constants.ts';
import { buildBrowserGraphs, buildBrowserTextEncoder } from '../../models/sam3/formats.ts';
import { createTokenizer } from '../../models/sam3/tokenizer.ts';
import { openCheckpoint } from '../../models/weights/checkpoint.node.ts';
import type { Checkpoint } from '../../models/weights/checkpoint.ts';
import { ensurePacked } from '../../models/weights/pack.node.ts';
import { placeWeights } from '../../models/weights/place.ts';
import { tableOf } from '../../models/weights/table.ts';
import type { Preparation, WebModel, WebModelId } from '../protocol/web-model.ts';

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
	{ id, folder, cache, weights }: WebModelSource,
	onProgress: (preparation: Preparation) => void = () => {}
): Promise<ServedModel> {
	const checkpoint = await openCheckpoint(folder);
	const { graphs, ...besides } = await parts[id](checkpoint, folder);
	const plan = placeWeights(graphs, checkpoint, { packAll: true });
	await mkdir(cache, { recursive: true });
	const progress = (done: number) => onProgress({ done, total: plan.bytes });
	const path = (await ensurePacked(plan, checkpoint, cache, { progress }))!;
	const table = tableOf(plan, checkpoint, await sha256OfFile(path));
	return { path, about: { model: id, weights, ...table, ...besides } };
}

const parts: Readonly<Record<WebModelId, (checkpoint: Checkpoint, folder: string) => Promise<Parts>>> = {
	async matanyone2({ tensors }) {
		// Any size that the network takes will do: the weights are the same for all.
		const graphs = buildMatAnyone(tensors, { width: 96, height: 96, precision: 'float16' });
		return { graphs: Object.values(graphs) };
	},

	async sam3(checkpoint, folder) {
		const config = await readSam3Config(folder);
		const { noMemory, noObjectPointer } = await readConstants(checkpoint);
		return {
			graphs: Object.values(
				buildBrowserGraphs({ weights: checkpoint.tensors, config, size: sizeOf(config) })
			),
			config,
			constants: { noMemory: [...noMemory], noObjectPointer: [...noObjectPointer] }
		};
	},

	async 'sam3-text'({ tensors }, folder) {
		const config = await readSam3Config(folder);
		const tokenizer = await readJson(folder, 'tokenizer.json');
		// What is wrong with it is told here, not where it would be of no use.
		createTokenizer(tokenizer, config);
		return {
			graphs: [buildBrowserTextEncoder({ weights: tensors, config, size: sizeOf(config) })],
			config,
			tokenizer
		};
	}
};

/** The configuration's own input size; the weights are the same for all. */
function sizeOf({ detector_config }: NonNullable<WebModel['config']>): number {
	return detector_config.vision_config.backbone_config.image_size;
}
