import { checkPrompts } from '../check-prompts.ts';
import type { Size } from '../frame.ts';
import type { Prompt } from '../segmenter.ts';
import type { PromptOptions } from './options.ts';
import { alongPath } from './strokes.ts';

/** What a point says: outside, inside, the upper left and the lower right corner of a box; -1 for a place holder. */
export type PointLabel = -1 | 0 | 1 | 2 | 3;

/** A point as the decoder takes it, in pixels of its square input. */
export interface PromptPoint {
	readonly x: number;
	readonly y: number;
	readonly label: PointLabel;
}

/** How prompts on a frame are read. */
export interface PromptReading extends Pick<PromptOptions, 'strokePoints'> {
	/** The frame that the prompts are on. */
	readonly picture: Size;
	/** The side of the decoder's input, in pixels. */
	readonly side: number;
	/** Whether they correct a mask, so that none of them has to say where the target is. */
	readonly refines?: boolean;
}

/**
 * Prompts as points, one group for each prompt, in the order in which they are to be answered: the box first, as in training, then clicks
 * and strokes as they came. Several boxes are one around them all; a stroke is a few clicks along its path.
 * @throws CodedError `prompt-empty`, `prompt-outside`, `box-empty`
 */
export function readPrompts(
	prompts: readonly Prompt[],
	{ picture, side, refines, strokePoints }: PromptReading
): PromptPoint[][] {
	checkPrompts(prompts, picture, refines);
	const at = (x: number, y: number, label: PointLabel): PromptPoint => ({
		x: (x * side) / picture.width,
		y: (y * side) / picture.height,
		label
	});
	const groups: PromptPoint[][] = [];
	const boxes = prompts.filter((prompt) => prompt.kind === 'box');
	if (boxes.length > 0) {
		const left = Math.min(...boxes.map(({ x }) => x));
		const top = Math.min(...boxes.map(({ y }) => y));
		const right = Math.max(...boxes.map(({ x, width }) => x + width));
		const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
		groups.push([
			at(Math.max(left, 0), Math.max(top, 0), 2),
			at(Math.min(right, picture.width), Math.min(bottom, picture.height), 3)
		]);
	}
	for (const prompt of prompts) {
		if (prompt.kind === 'box') continue;
		const label = prompt.positive ? 1 : 0;
		if (prompt.kind === 'point') groups.push([at(prompt.x, prompt.y, label)]);
		else groups.push(alongPath(prompt, picture, strokePoints).map(([x, y]) => at(x, y, label)));
	}
	return groups.filter((group) => group.length > 0);
}

/** The points that fit into the decoder: of more than `most`, the first half and the newest half; all where `most` is 0. */
export function fewPoints(points: readonly PromptPoint[], most: number): readonly PromptPoint[] {
	if (most <= 0 || points.length <= most) return points;
	const first = Math.floor(most / 2);
	return [...points.slice(0, first), ...points.slice(first - most)];
}
