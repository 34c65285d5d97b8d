import type { Mask, Size } from '../frame.ts';
import { requireSize } from '../mask.ts';
import type { Candidate, Prompt } from '../segmenter.ts';
import { maskSide, withoutMemory, type TrackerFeatures, type TrackerModel } from './decode.ts';
import { maskInput, maskLogits } from './mask-prompt.ts';
import type { PromptOptions } from './options.ts';
import { readPrompts } from './prompts.ts';
import { Refinement } from './refine.ts';
import { resizeToMask } from './regions.ts';
import { paintStrokes } from './strokes.ts';

/** Answers prompts on one frame that belongs to no clip. */
export class FramePrompts {
	#unmasked: Refinement | undefined;

	/** @param picture the frame's own size */
	constructor(
		private readonly model: TrackerModel,
		private readonly features: TrackerFeatures,
		private readonly picture: Size,
		private readonly options: PromptOptions
	) {}

	/**
	 * @param prompts all that are on the frame
	 * @param mask what is known of the target already, of the frame's size
	 * @returns best candidate first; what was painted with the brush is as it was painted
	 * @throws CodedError `prompt-empty`, `prompt-outside`, `box-empty`, `mask-size`; the signal's reason when it was aborted
	 */
	async segment(prompts: readonly Prompt[], signal?: AbortSignal, mask?: Mask): Promise<Candidate[]> {
		const { model, picture, options } = this;
		if (mask) requireSize(mask, picture);
		const { strokePoints } = options;
		const refines = mask !== undefined;
		const groups = readPrompts(prompts, { picture, side: model.size, refines, strokePoints });
		const refinement = mask
			? await this.#refinement(maskLogits(maskInput(mask, model), model))
			: (this.#unmasked ??= await this.#refinement());
		const { masks } = await refinement.answer(groups, signal);
		return masks.map(({ logits, iou }) => {
			// Most who ask look at the best one only.
			let drawn: Mask | undefined;
			return {
				get mask() {
					return (drawn ??= draw(logits));
				},
				score: Math.min(1, Math.max(0, iou))
			};
		});

		function draw(logits: Float32Array): Mask {
			const side = maskSide(model);
			const data = resizeToMask(logits, { width: side, height: side }, picture);
			paintStrokes(data, picture, prompts, picture, (_, positive) => (positive ? 255 : 0));
			return { ...picture, data };
		}
	}

	async #refinement(base?: Float32Array): Promise<Refinement> {
		const feature = await withoutMemory(this.model, this.features);
		return new Refinement(this.model, this.features, feature, this.options, base);
	}
}
