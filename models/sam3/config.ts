import { z } from 'zod';
import { modelError } from '../errors.ts';

const count = z.number().int().min(1);
const rope = z.object({ rope_theta: z.number().positive().default(10_000) }).prefault({});

/** Blocks whose widths the checkpoint's tensors tell. */
const blocks = (layers: number) =>
	z.object({
		num_layers: count.default(layers),
		num_attention_heads: count.default(8),
		layer_norm_eps: z.number().default(1e-6)
	});

const backbone = z
	.object({
		hidden_size: count.default(1024),
		num_hidden_layers: count.default(32),
		num_attention_heads: count.default(16),
		image_size: count.default(1008),
		patch_size: count.default(14),
		layer_norm_eps: z.number().default(1e-6),
		window_size: count.default(24),
		global_attn_indexes: z.array(z.number().int().min(0)).default([7, 15, 23, 31]),
		pretrain_image_size: count.default(336),
		rope_parameters: rope
	})
	.refine(({ image_size, patch_size }) => image_size % patch_size === 0, {
		path: ['image_size'],
		message: 'no multiple of patch_size'
	});

const vision = z.object({
	backbone_config: backbone.prefault({}),
	fpn_hidden_size: count.default(256),
	scale_factors: z.array(z.number().positive()).default([4, 2, 1, 0.5])
});

const text = z.object({
	num_hidden_layers: count.default(24),
	num_attention_heads: count.default(16),
	max_position_embeddings: count.default(32),
	layer_norm_eps: z.number().default(1e-5),
	bos_token_id: z.number().int().default(49406),
	eos_token_id: z.number().int().default(49407)
});

const detector = z.object({
	vision_config: vision.prefault({}),
	text_config: text.prefault({}),
	geometry_encoder_config: blocks(3)
		.extend({ roi_size: count.default(7) })
		.prefault({}),
	detr_encoder_config: blocks(6).prefault({}),
	detr_decoder_config: blocks(6)
		.extend({ num_queries: count.default(200) })
		.prefault({}),
	mask_decoder_config: z
		.object({
			num_upsampling_stages: count.default(3),
			num_attention_heads: count.default(8),
			layer_norm_eps: z.number().default(1e-6)
		})
		.prefault({})
});

const tracker = z.object({
	prompt_encoder_config: z.object({ layer_norm_eps: z.number().default(1e-6) }).prefault({}),
	mask_decoder_config: z
		.object({
			num_hidden_layers: count.default(2),
			num_attention_heads: count.default(8),
			num_multimask_outputs: count.default(3),
			iou_head_depth: count.default(3),
			dynamic_multimask_via_stability: z.boolean().default(true),
			dynamic_multimask_stability_delta: z.number().default(0.05),
			dynamic_multimask_stability_thresh: z.number().default(0.98)
		})
		.prefault({}),
	num_maskmem: count.default(7),
	sigmoid_scale_for_mem_enc: z.number().default(20),
	sigmoid_bias_for_mem_enc: z.number().default(-10),
	multimask_min_pt_num: z.number().int().default(0),
	multimask_max_pt_num: z.number().int().default(1),
	max_object_pointers_in_encoder: count.default(16),
	max_cond_frame_num: z.number().int().default(4),
	memory_attention_num_layers: count.default(4),
	memory_attention_num_attention_heads: count.default(1),
	memory_encoder_output_channels: count.default(64),
	mask_downsampler_total_stride: count.default(16),
	memory_fuser_num_layers: count.default(2),
	rope_parameters: rope
});

/**
 * What `config.json` of a `Sam3VideoModel` says (huggingface/transformers, models/sam3_video); what it leaves out is as in `facebook/sam3`.
 * Sizes that the tensors' shapes tell are left to them.
 */
export const sam3Config = z.object({
	model_type: z.literal('sam3_video'),
	detector_config: detector.prefault({}),
	tracker_config: tracker.prefault({}),
	score_threshold_detection: z.number().default(0.5),
	det_nms_thresh: z.number().default(0.1),
	assoc_iou_thresh: z.number().default(0.1),
	trk_assoc_iou_thresh: z.number().default(0.5),
	new_det_thresh: z.number().default(0.7),
	recondition_on_trk_masks: z.boolean().default(true),
	hotstart_delay: z.number().int().default(15),
	hotstart_unmatch_thresh: z.number().int().default(8),
	hotstart_dup_thresh: z.number().int().default(8),
	suppress_unmatched_only_within_hotstart: z.boolean().default(true),
	init_trk_keep_alive: z.number().int().default(30),
	max_trk_keep_alive: z.number().int().default(30),
	min_trk_keep_alive: z.number().int().default(-1),
	suppress_overlapping_based_on_recent_occlusion_threshold: z.number().default(0.7),
	decrease_trk_keep_alive_for_empty_masklets: z.boolean().default(false),
	fill_hole_area: z.number().int().default(16),
	max_num_objects: z.number().int().default(10_000),
	recondition_every_nth_frame: z.number().int().default(16),
	high_conf_thresh: z.number().default(0.8),
	high_iou_thresh: z.number().default(0.8)
});
export type Sam3Config = z.infer<typeof sam3Config>;

/**
 * Reads a checkpoint's `config.json`.
 * @param json the parsed file
 * @throws CodedError `weights-other` when it is another model's (SAM 2, an image-only SAM 3), `weights-damaged` when it cannot be one
 */
export function parseSam3Config(json: unknown): Sam3Config {
	const parsed = sam3Config.safeParse(json);
	if (parsed.success) return parsed.data;
	const found = (json as { model_type?: unknown } | null)?.model_type;
	if (typeof found === 'string' && found !== 'sam3_video')
		throw modelError('weights-other', { name: 'SAM 3', found });
	const issue = parsed.error.issues[0]!;
	const reason = `${issue.path.join('.')}: ${issue.message}`;
	throw modelError('weights-damaged', { file: 'config.json', reason }, { cause: parsed.error });
}

/**
 * Width and height of the patches' grid at an input size.
 * @throws RangeError when the size is no multiple of the patch
 */
export function gridOf({ detector_config }: Sam3Config, size: number): number {
	const { patch_size } = detector_config.vision_config.backbone_config;
	if (size % patch_size)
		throw new RangeError(`${size} pixels are no whole number of patches of ${patch_size}`);
	return size / patch_size;
}

/** Width and height of the masks that are encoded into memory. */
export function encodedSide(config: Sam3Config, size: number): number {
	return config.tracker_config.mask_downsampler_total_stride * gridOf(config, size);
}
