import { Tensor } from 'onnxruntime-common';
import type { Sam3Config } from '../sam3/config.ts';
import type { NormalisedBox } from '../sam3/roi-weights.ts';
import type { Tensors } from '../runtime.ts';
import { unit } from '../weights/stand-in.ts';

/** Picture t of the made clip, as the network takes it: waves, and a disc that wanders to the right; 3 x side x side. */
export function pixelsOf(side: number, t: number): Float32Array {
	const tint = [0.5, -0.4, 0.2];
	return Float32Array.from(unit(`sam3.image.${t}`, 3 * side * side), (grain, i) => {
		const [c, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
		const waves = 0.6 * Math.sin((x + 5 * t) / 29 + c) + 0.3 * Math.cos((y - 3 * t) / 17 - c);
		const inside = Math.hypot(x - 0.45 * side - 4 * t, y - 0.5 * side) < 0.18 * side;
		return Math.min(1, Math.max(-1, waves + (inside ? tint[c]! : 0) + 0.05 * grain));
	});
}

/** Examples on picture 0: one that is meant, and one that is not. */
export const exampleBoxes: readonly NormalisedBox[] = [
	[0.45, 0.5, 0.3, 0.34],
	[0.8, 0.2, 0.2, 0.25]
];

/** The tokens of a phrase, between the marks of its beginning and its end. */
export const phraseTokens = [49406, 320, 2533, 530, 736, 49407];

/** The phrase as the text encoder takes it: filled up with the mark of the end. */
export function phraseOf({ detector_config }: Sam3Config): Tensors {
	const length = detector_config.text_config.max_position_embeddings;
	const ids = BigInt64Array.from({ length }, (_, i) =>
		BigInt(phraseTokens[Math.min(i, phraseTokens.length - 1)]!)
	);
	const mask = Uint8Array.from({ length }, (_, i) => Number(i < phraseTokens.length));
	return { ids: new Tensor('int64', ids, [1, length]), mask: new Tensor('bool', mask, [1, length]) };
}
