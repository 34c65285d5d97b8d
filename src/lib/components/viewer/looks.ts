import { lowestFirst, type ShownMask } from '$lib/state/shown-masks.ts';
import type { RunLengthMask } from '$models/mask.ts';
import type { Rgb } from './colour.ts';
import type { Layer } from './layers.ts';

/** What decides how masks are drawn. */
export interface Emphasis {
	/** The target that prompts are about. */
	readonly active: number;
	/** The target that a click would choose or drop. */
	readonly pointed?: number;
	/** The mask that a click would give. */
	readonly preview?: RunLengthMask;
}

/** Lies over the active target, so it is lighter. */
const previewLook = { tint: 0.34, edge: 0.9 };
const previewWhite = 0.5;

/**
 * The layers of a frame's masks, the lowest first, as a click chooses them, and the preview over all.
 * @param colourOf the colour of a number from 1 to `targetColours`
 */
export function layersOf(
	shown: readonly ShownMask[],
	{ active, pointed, preview }: Emphasis,
	colourOf: (colour: number) => Rgb,
	activeColour: number
): Layer[] {
	const layers = lowestFirst(shown).map(({ mask, target, colour, on }): Layer => {
		const strength = (target === active ? 0.1 : 0) + (target === pointed ? 0.14 : 0);
		return {
			mask,
			colour: colourOf(colour),
			tint: on ? 0.28 + strength : target === pointed ? 0.14 : 0,
			edge: target === active || target === pointed ? 1 : on ? 0.85 : 0.6
		};
	});
	if (!preview) return layers;
	return [...layers, { mask: preview, colour: lighter(colourOf(activeColour)), ...previewLook }];
}

function lighter([red, green, blue]: Rgb): Rgb {
	const light = (value: number) => value + (1 - value) * previewWhite;
	return [light(red), light(green), light(blue)];
}
