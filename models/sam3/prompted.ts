import type { Size } from '../frame.ts';
import type { Prompt } from '../segmenter.ts';
import { ifPresent, maskSide, type DecodedMask, type TrackerModel } from './decode.ts';
import type { PromptOptions } from './options.ts';
import type { PromptAnswer } from './refine.ts';
import { paintStrokes } from './strokes.ts';

/** Beyond all doubt: the logits of what was painted, and the score of an object that is shown although the decoder does not see it. */
const SURE = 10;

/** What the decoder's answer to prompts is taken for on a clip: painted as the user painted, and there where it shows a mask. */
export function promptedMask(
	{ masks, score }: PromptAnswer,
	prompts: readonly Prompt[],
	picture: Size,
	model: TrackerModel,
	{ gate }: Pick<PromptOptions, 'gate'>
): DecodedMask & { readonly score: number } {
	const best = masks[0]!;
	const logits = best.logits.slice();
	const side = maskSide(model);
	paintStrokes(logits, { width: side, height: side }, prompts, picture, (logit, positive) =>
		positive ? Math.max(logit, SURE) : Math.min(logit, -SURE)
	);
	const isShown = !gate && logits.some((logit) => logit > 0);
	const presence = isShown && score <= 0 ? SURE : score;
	return { ...ifPresent({ ...best, logits }, presence, model.constants), score: presence };
}
