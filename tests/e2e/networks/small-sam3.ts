import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../../../models/hub/files.node.ts';
import { readSam3Config } from '../../../models/sam3/config.node.ts';
import { readConstants } from '../../../models/sam3/constants.ts';
import { browserGraphs, buildBrowserGraph, type BrowserGraph } from '../../../models/sam3/formats.ts';
import type { Sam3Table } from '../../../models/sam3/networks.web.ts';
import { writeSmallSam3 } from '../../../models/sam3/small-checkpoint.fixture.node.ts';
import { openCheckpoint } from '../../../models/weights/checkpoint.node.ts';
import { ensurePacked } from '../../../models/weights/pack.node.ts';
import { placeWeights } from '../../../models/weights/place.ts';
import { tableOf } from '../../../models/weights/table.ts';

/** Paths of the packed file, and of the file that tells of it. */
export interface PackedSam3 {
	readonly packed: string;
	readonly about: string;
}

/**
 * Makes the reduced SAM 3, on stand-in weights, as a browser gets it.
 */
export async function makeSmallSam3(folder: string): Promise<PackedSam3> {
	await writeSmallSam3(folder, { sure: true });
	return packSam3(folder, folder);
}

/**
 * Writes a checkpoint of SAM 3 as a browser gets it.
 * @param to the folder that it is written into
 * @param names of the graphs that it is for
 */
export async function packSam3(
	folder: string,
	to: string,
	names: readonly BrowserGraph[] = browserGraphs
): Promise<PackedSam3> {
	const [checkpoint, config] = await Promise.all([openCheckpoint(folder), readSam3Config(folder)]);
	const size = config.detector_config.vision_config.backbone_config.image_size;
	const graphs = names.map((name) => buildBrowserGraph(name, { weights: checkpoint.tensors, config, size }));
	const plan = placeWeights(graphs, checkpoint, { packAll: true });
	const packed = (await ensurePacked(plan, checkpoint, to))!;
	const { noMemory, noObjectPointer } = await readConstants(checkpoint);
	const table: Sam3Table = {
		...tableOf(plan, checkpoint, await sha256OfFile(packed)),
		config,
		constants: { noMemory: [...noMemory], noObjectPointer: [...noObjectPointer] }
	};
	const about = join(to, 'about.json');
	await writeFile(about, JSON.stringify(table));
	return { packed, about };
}
