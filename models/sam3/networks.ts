import type { Network } from '../runtime.ts';

/**
 * SAM 3's graphs, loaded. Everything is float32 unless said otherwise; S is the input's side, g = S / patch (72 at 1008), s = 4g, L the
 * tokens of a prompt. Sizes in capitals that are no fixed number are open: B objects, N points, boxes or queries.
 *
 * One vision encoder serves both halves: `det_…` for what is found by words and examples, `trk_…` for clicks and tracking.
 */
export interface Sam3Networks {
	/** pixels [1, 3, S, S] in [-1, 1] → det_0 [1, 256, s, s], det_1 [1, 256, 2g, 2g], det_2 [1, 256, g, g]; trk_0 [1, 32, s, s],
	 *  trk_1 [1, 64, 2g, 2g] (both already projected for the mask decoder), trk_2 [1, 256, g, g] (no memory embedding added). */
	readonly vision: Network;
	/** ids int64 [1, 32], mask bool [1, 32] (true: a token of the phrase) → text [1, 32, 256]. */
	readonly text: Network;
	/** det_2, boxes [1, N, 4] (centre x, y, width, height, 0 to 1), labels int64 [1, N] (1 alike, 0 unlike), roi_y [N, R, g] and roi_x
	 *  [N, R, g] (weights of the separable RoIAlign, see `roiWeights`; R is the configuration's `roi_size`, 7) → geometry [1, N + 1, 256], the last token the summary. */
	readonly geometry: Network;
	/** det_2, prompt [1, L, 256] (tokens that count, no padding) → boxes [1, Q, 4] (x1, y1, x2, y2, 0 to 1), logits [1, Q], presence [1, 1],
	 *  queries [1, Q, 256], encoded [1, 256, g, g]. */
	readonly detector: Network;
	/** det_0, det_1, encoded, prompt, queries [1, N, 256] (those chosen) → masks [1, N, s, s] logits, semantic [1, 1, s, s]. */
	readonly masks: Network;
	/** trk_0, trk_1, feature [B, 256, g, g], points [B, N, 2] in input pixels, labels int64 [B, N] (1 in, 0 out, 2 and 3 corners of a box,
	 *  -1 padding), mask_input [B, 1, s, s] logits, has_mask bool [B] → masks [B, 4, s, s] logits, iou [B, 4], score [B, 1] (of being
	 *  there, a logit), pointers [B, 4, 256]. The first of the four is the single mask, the others the alternatives. Nothing is chosen
	 *  here, and nothing gated by the score. */
	readonly decoder: Network;
	/** trk_2, memory [B, M, 64, g, g], memory_row int64 [B, M] (of the table of ages), pointers [B, P, 256], pointer_age [B, P] (already
	 *  divided by the largest) → feature [B, 256, g, g]. Where the bank is of a fixed size, also memory_valid bool [B, M] and
	 *  pointer_valid bool [B, P]: what is not valid has no influence at all. */
	readonly memoryAttention: Network;
	/** trk_2, mask [B, 1, s, s] logits, score [B, 1], binarise bool [B] (cut at 0: answers to prompts) → memory [B, 64, g, g]. */
	readonly memoryEncoder: Network;
	/** trk_2, mask [B, 1, 16g, 16g] of 0 and 1, score [B, 1] → memory [B, 64, g, g]: the same of masks that the user made, in their
	 *  full detail. */
	readonly maskMemory: Network;
	/** mask [B, 1, S, S] of 0 to 1 → mask_input [B, 1, s, s]: how the decoder takes a mask that the user made, for its pointer. */
	readonly maskDownsample: Network;
}

/** Vectors of the checkpoint that the loops need, out of the graphs. */
export interface Sam3Constants {
	/** Added to trk_2 where there is no memory: 256. */
	readonly noMemory: Float32Array;
	/** The pointer of an object that is not there: 256. */
	readonly noObjectPointer: Float32Array;
}
