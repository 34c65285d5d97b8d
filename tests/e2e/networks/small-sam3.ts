import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSmallSam3 } from '../../../models/sam3/small-checkpoint.fixture.node.ts';
import { writeWebModel } from '../../../server/models/web-model-file.ts';

/** Paths of the packed file, and of the file that tells of it. */
export interface PackedSam3 {
	readonly packed: string;
	readonly about: string;
}

/** Biases, as (base, amplitude), that leave the detector in doubt: of its scores, and of what its masks show. */
const doubt = {
	'detector_model.detr_decoder.presence_head.layer3.bias': [2, 0],
	'detector_model.dot_product_scoring.text_proj.bias': [0.3, 0],
	'detector_model.dot_product_scoring.query_proj.bias': [0.3, 0],
	'detector_model.mask_decoder.mask_embedder.layers.2.bias': [0, 0.45]
} as const;

/** Makes the reduced SAM 3, on stand-in weights, as a browser gets it. */
export async function makeSmallSam3(folder: string): Promise<PackedSam3> {
	await writeSmallSam3(folder, { override: doubt });
	return packSam3(folder, join(folder, 'web'));
}

/**
 * Writes a checkpoint of SAM 3 as a browser gets it.
 * @param to a folder for it
 */
export async function packSam3(folder: string, to: string): Promise<PackedSam3> {
	const { about, path } = await writeWebModel({
		...{ id: 'sam3', folder, cache: to },
		weights: '0'.repeat(64)
	});
	const told = join(to, 'about.json');
	await writeFile(told, JSON.stringify(about));
	return { packed: path, about: told };
}
