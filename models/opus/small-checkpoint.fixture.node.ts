import { appendFile, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeStandIn } from '../weights/stand-in.ts';
import { parseMarianConfig } from './config.ts';
import { readSentencePiece } from './sentencepiece/file.ts';
import { readFileSync } from 'node:fs';

const source = fileURLToPath(new URL('sentencepiece/small.spm', import.meta.url));
const pieces = readSentencePiece(readFileSync(source), source).pieces.map(({ text }) => text);
/** The pieces of Chinese, then words of English; see `MarianConfig` for the last. */
const tokens = [
	...new Set(['</s>', '<unk>', ...pieces, '▁the', '▁red', '▁person', '▁dog', '▁left', '▁of', '▁hat']),
	'<pad>'
];

const [channels, inner] = [32, 64];

/** What the `config.json` of `writeSmallTranslator` says. */
export const smallConfigJson = {
	...{ model_type: 'marian', activation_function: 'swish', d_model: channels },
	...{ encoder_layers: 1, decoder_layers: 1, encoder_attention_heads: 4, decoder_attention_heads: 4 },
	...{ vocab_size: tokens.length, scale_embedding: true, static_position_embeddings: true },
	...{ normalize_before: false, normalize_embedding: false, add_final_layer_norm: false },
	...{ eos_token_id: 0, pad_token_id: tokens.length - 1, decoder_start_token_id: tokens.length - 1 },
	num_beams: 2
};
export const smallConfig = parseMarianConfig(smallConfigJson, 'small');

/**
 * Writes the whole of a translator's checkpoint into a folder: tiny, with weights from a formula, so that what it says means nothing.
 * @param config what its `config.json` says otherwise
 */
export async function writeSmallTranslator(
	folder: string,
	config: Readonly<Record<string, unknown>> = {}
): Promise<void> {
	await mkdir(folder, { recursive: true });
	await writeStandIn(smallShapes(), {}, (chunk) => appendFile(join(folder, 'model.safetensors'), chunk));
	await copyFile(source, join(folder, 'source.spm'));
	const json = (file: string, value: unknown) => writeFile(join(folder, file), JSON.stringify(value));
	await json('vocab.json', Object.fromEntries(tokens.map((token, number) => [token, number])));
	await json('config.json', { ...smallConfigJson, ...config });
}

function smallShapes(): Record<string, readonly number[]> {
	const shapes: Record<string, readonly number[]> = {
		final_logits_bias: [1, tokens.length],
		'model.shared.weight': [tokens.length, channels]
	};
	const linear = (name: string, outputs: number, inputs: number) => {
		shapes[`${name}.weight`] = [outputs, inputs];
		shapes[`${name}.bias`] = [outputs];
	};
	const norm = (name: string) => {
		shapes[`${name}.weight`] = [channels];
		shapes[`${name}.bias`] = [channels];
	};
	const parts = { 'encoder.layers.0': ['self_attn'], 'decoder.layers.0': ['self_attn', 'encoder_attn'] };
	for (const [layer, attentions] of Object.entries(parts)) {
		const path = `model.${layer}`;
		for (const attention of attentions) {
			for (const name of ['q', 'k', 'v', 'out'])
				linear(`${path}.${attention}.${name}_proj`, channels, channels);
			norm(`${path}.${attention}_layer_norm`);
		}
		linear(`${path}.fc1`, inner, channels);
		linear(`${path}.fc2`, channels, inner);
		norm(`${path}.final_layer_norm`);
	}
	return shapes;
}
