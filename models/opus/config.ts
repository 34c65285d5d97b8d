import { z } from 'zod';
import { modelError } from '../errors.ts';

const count = z.number().int().min(1);
const id = z.number().int().min(0);

/**
 * What `config.json` of a `MarianMTModel` says (huggingface/transformers, models/marian), of models as the OPUS-MT project publishes them.
 * Widths that the tensors' shapes tell are left to them.
 */
const marianConfig = z
	.object({
		model_type: z.literal('marian'),
		activation_function: z.enum(['swish', 'silu']),
		d_model: count,
		encoder_layers: count,
		decoder_layers: count,
		encoder_attention_heads: count,
		decoder_attention_heads: count,
		vocab_size: count,
		scale_embedding: z.boolean(),
		// Of older versions; what they say otherwise, no newer one can do.
		normalize_before: z.literal(false).default(false),
		normalize_embedding: z.literal(false).default(false),
		add_final_layer_norm: z.literal(false).default(false),
		static_position_embeddings: z.literal(true).default(true),
		eos_token_id: id,
		pad_token_id: id,
		decoder_start_token_id: id,
		/** Hypotheses that are followed at a time. */
		num_beams: count.default(6)
	})
	.refine((config) => config.pad_token_id === config.vocab_size - 1, {
		path: ['pad_token_id'],
		message: 'not the last of the vocabulary'
	})
	.refine((config) => config.decoder_start_token_id === config.pad_token_id, {
		path: ['decoder_start_token_id'],
		message: 'not the padding token'
	});
export type MarianConfig = z.infer<typeof marianConfig>;

/**
 * Reads a checkpoint's `config.json`.
 * @param json the parsed file
 * @param name of the model that it should be
 * @throws CodedError `weights-other` when it is another model's, `weights-damaged` when it cannot be one
 */
export function parseMarianConfig(json: unknown, name: string): MarianConfig {
	const parsed = marianConfig.safeParse(json);
	if (parsed.success) return parsed.data;
	const found = (json as { model_type?: unknown } | null)?.model_type;
	if (typeof found === 'string' && found !== 'marian') throw modelError('weights-other', { name, found });
	const issue = parsed.error.issues[0]!;
	const reason = `${issue.path.join('.')}: ${issue.message}`;
	throw modelError('weights-damaged', { file: 'config.json', reason }, { cause: parsed.error });
}
