import { z } from 'zod';
import { modelError } from '../errors.ts';

const count = z.number().int().min(1);

const unetConfig = z.object({
	/** Noise, picture and mask, four channels each. */
	in_channels: z.literal(12),
	/** Of each level, or of all. */
	num_attention_heads: z.union([count, z.array(count).min(1)]).default([5, 10, 20, 20]),
	/** Numbers that each of the three facts of a clip (rate, motion, noise) becomes. */
	addition_time_embed_dim: count.multipleOf(2).default(256)
});

/** What `unet/config.json` says of a `UNetSpatioTemporalConditionModel` (huggingface/diffusers); the tensors' shapes tell the rest. */
export type UNetConfig = z.infer<typeof unetConfig>;

const vaeConfig = z.object({
	latent_channels: z.literal(4).default(4),
	/** The UNet's latents are this many times the decoder's. */
	scaling_factor: z.number().positive().default(0.18215)
});

/** What `vae/config.json` says of an `AutoencoderKLTemporalDecoder` (huggingface/diffusers); the tensors' shapes tell the rest. */
export type VaeConfig = z.infer<typeof vaeConfig>;

/**
 * Reads VideoMaMa's `unet/config.json`.
 * @param json the parsed file
 * @throws CodedError `weights-svd` when it is Stable Video Diffusion's own UNet, `weights-other` when it is another network's,
 * `weights-damaged` when it cannot be one
 */
export function parseUNetConfig(json: unknown): UNetConfig {
	const file = 'unet/config.json';
	checkClass(json, 'UNetSpatioTemporalConditionModel');
	// It sees no mask.
	if ((json as { in_channels?: unknown } | null)?.in_channels === 8) throw modelError('weights-svd');
	return parse(unetConfig, json, file);
}

/**
 * Reads the `vae/config.json` of Stable Video Diffusion, whose pictures VideoMaMa's latents stand for.
 * @param json the parsed file
 * @throws CodedError `weights-other` when it is another network's, `weights-damaged` when it cannot be one
 */
export function parseVaeConfig(json: unknown): VaeConfig {
	checkClass(json, 'AutoencoderKLTemporalDecoder');
	return parse(vaeConfig, json, 'vae/config.json');
}

function checkClass(json: unknown, expected: string): void {
	const found = (json as { _class_name?: unknown } | null)?._class_name;
	if (typeof found === 'string' && found !== expected)
		throw modelError('weights-other', { name: 'VideoMaMa', found });
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown, file: string): z.infer<Schema> {
	const parsed = schema.safeParse(json);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0]!;
	const reason = `${issue.path.join('.')}: ${issue.message}`;
	throw modelError('weights-damaged', { file, reason }, { cause: parsed.error });
}
