import { modelError } from './errors.ts';
import type { Size } from './frame.ts';
import type { Box, Concept, Prompt } from './segmenter.ts';

/**
 * Checks prompts before anything is computed. Clicks must lie in the picture, boxes and strokes at least in part.
 * @param picture the frame that they are on
 * @param refines whether they correct a mask, so that none of them has to say where the target is
 * @throws CodedError `prompt-empty`, `prompt-outside`, `box-empty`
 */
export function checkPrompts(prompts: readonly Prompt[], picture: Size, refines = false): void {
	for (const prompt of prompts) {
		if (prompt.kind === 'box') checkBox(prompt, picture);
		else {
			const places = prompt.kind === 'point' ? [[prompt.x, prompt.y] as const] : prompt.points;
			const [first] = places;
			if (first && !places.some(([x, y]) => isInside(x, y, picture)))
				throw outside(first[0], first[1], picture);
		}
	}
	const says = prompts.some((prompt) => prompt.kind === 'box' || prompt.positive);
	if ((!says && !refines) || prompts.some(isBlank)) throw modelError('prompt-empty');
}

/**
 * Checks words and examples before anything is computed; how many words are too many only the model knows.
 * @param picture the frame that the examples are on
 * @throws CodedError `words-empty`, `prompt-outside`, `box-empty`; `prompt-empty` when examples say only what is not meant
 */
export function checkConcept({ words, examples = [] }: Concept, picture: Size): void {
	if (words === undefined ? examples.length === 0 : words.trim() === '') throw modelError('words-empty');
	for (const example of examples) checkBox(example, picture);
	if (words === undefined && !examples.some(({ positive }) => positive)) throw modelError('prompt-empty');
}

function checkBox({ x, y, width, height }: Box, picture: Size): void {
	if (!(width > 0 && height > 0)) throw modelError('box-empty');
	if (x >= picture.width || y >= picture.height || x + width <= 0 || y + height <= 0)
		throw outside(x, y, picture);
}

function isBlank(prompt: Prompt): boolean {
	return prompt.kind === 'stroke' && prompt.points.length === 0;
}

function isInside(x: number, y: number, { width, height }: Size): boolean {
	return x >= 0 && y >= 0 && x <= width && y <= height;
}

function outside(x: number, y: number, { width, height }: Size) {
	return modelError('prompt-outside', { x: Math.round(x), y: Math.round(y), width, height });
}
