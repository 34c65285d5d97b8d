import { Tensor } from 'onnxruntime-common';
import {
	chooseMasks,
	decode,
	maskSide,
	steadied,
	type DecodedMask,
	type TrackerFeatures,
	type TrackerModel
} from './decode.ts';
import type { PromptOptions } from './options.ts';
import { fewPoints, type PromptPoint } from './prompts.ts';

/** What the decoder answers to prompts. */
export interface PromptAnswer {
	/** Best first, at least one. */
	readonly masks: readonly DecodedMask[];
	/** Whether there is an object, a logit. */
	readonly score: number;
}

/** What was answered to the first so many prompts. */
interface Step {
	readonly prompts: string;
	readonly answer: PromptAnswer;
}

/**
 * Answers prompts on one frame, each from the answer to those before it: the best mask goes back into the decoder. The answer depends on
 * the prompts alone, not on what was asked before; what was answered already is only not computed again.
 */
export class Refinement {
	#steps: readonly Step[] = [];

	/**
	 * @param feature the frame's coarsest level as the decoder takes it, [1, 256, g, g]
	 * @param base s x s logits that the prompts correct
	 */
	constructor(
		private readonly model: TrackerModel,
		private readonly features: TrackerFeatures,
		private readonly feature: Tensor,
		private readonly options: Pick<PromptOptions, 'refine' | 'maxPoints'>,
		private readonly base?: Float32Array
	) {}

	/**
	 * @param groups points of all prompts on the frame, in order; none where a base says it all
	 * @throws the signal's reason when it was aborted
	 */
	async answer(groups: readonly PromptPoint[][], signal?: AbortSignal): Promise<PromptAnswer> {
		const first = this.options.refine ? firstToAnswer(groups) : groups.length;
		const side = maskSide(this.model);
		const keyOf = (count: number) => JSON.stringify(groups.slice(0, count));
		const steps = this.#steps.filter(
			({ prompts }, i) => first + i <= groups.length && prompts === keyOf(first + i)
		);
		for (let count = first + steps.length; count <= groups.length; count++) {
			signal?.throwIfAborted();
			const points = fewPoints(groups.slice(0, count).flat(), this.options.maxPoints);
			const before = steps.at(-1)?.answer.masks[0]!.logits;
			const known = before ? steadied(before) : this.base;
			const mask = known && new Tensor('float32', known, [1, 1, side, side]);
			const [decoded] = await decode(this.model, this.features, this.feature, points, mask);
			const masks = chooseMasks(decoded!, points.length, this.model.config);
			steps.push({ prompts: keyOf(count), answer: { masks, score: decoded!.score } });
		}
		this.#steps = steps;
		return steps.at(-1)!.answer;
	}
}

/** How many prompts it takes until one of them says where something is; all of them where none does. */
function firstToAnswer(groups: readonly PromptPoint[][]): number {
	const index = groups.findIndex((group) => group.some(({ label }) => label > 0));
	return index < 0 ? groups.length : index + 1;
}
