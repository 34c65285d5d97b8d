import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parityFile } from '../parity/parity-file.ts';
import { openCheckpoint } from '../weights/checkpoint.node.ts';
import { writeStandIn, type Overrides } from '../weights/stand-in.ts';
import { tokenizerJson } from './stand-in-tokenizer.ts';

/** What the detector finds at the most. */
const queries = 16;

/** Widths, queries and vocabulary of the parity file's reduced SAM 3, and what they become: nobody trained them, and small ones are quicker. */
const smaller = new Map([
	[49_408, 512],
	[2048, 64],
	[1024, 64],
	[200, queries]
]);
const [begin, end] = [510, 511];

/** Pixels of the input's side. */
export const smallSize = 56;

export interface SmallSam3 {
	/** What its `config.json` says otherwise. */
	readonly config?: Readonly<Record<string, unknown>>;
	/** Whether its detector is sure of all that it sees; otherwise of nothing. */
	readonly sure?: boolean;
	/** Tensors with other numbers, as (base, amplitude). */
	readonly override?: Overrides;
}

/** Biases, as (base, amplitude), that make the detector sure. */
const sureness = {
	'detector_model.detr_decoder.presence_head.layer3.bias': [10, 0],
	'detector_model.dot_product_scoring.text_proj.bias': [1, 0],
	'detector_model.dot_product_scoring.query_proj.bias': [1, 0]
} as const;

/**
 * Writes the whole of a SAM 3 checkpoint into a folder: tiny, with weights from a formula, so that what it finds means nothing. Its
 * tokenizer knows the letters only.
 */
export async function writeSmallSam3(
	folder: string,
	{ config, sure = false, override }: SmallSam3 = {}
): Promise<void> {
	const parity = fileURLToPath(new URL('../parity/sam3.safetensors', import.meta.url));
	const { weights: reduced, config: reducedConfig } = parityFile(await openCheckpoint(parity));
	const shapes = Object.fromEntries(
		Object.entries(reduced.shapes).map(([name, shape]) => [
			name,
			shape.map((size) => smaller.get(size) ?? size)
		])
	);
	const weights = { ...reduced, override: { ...reduced.override, ...(sure ? sureness : {}), ...override } };
	await mkdir(folder, { recursive: true });
	await writeStandIn(shapes, weights, (chunk) => appendFile(join(folder, 'model.safetensors'), chunk));
	await writeFile(
		join(folder, 'config.json'),
		JSON.stringify({ ...(resized(reducedConfig) as object), ...config })
	);
	await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizerJson([], begin, end)));
}

/** The configuration at the small size, with few queries and the small vocabulary. */
function resized(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(resized);
	if (typeof value !== 'object' || value === null) return value;
	const special: Record<string, unknown> = {
		...{ image_size: smallSize, num_queries: queries },
		...{ bos_token_id: begin, eos_token_id: end }
	};
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) => [key, key in special ? special[key] : resized(inner)])
	);
}
