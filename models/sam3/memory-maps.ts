import { Tensor } from 'onnxruntime-common';
import { toBfloat16 } from './bfloat16.ts';
import type { MemoryEntry } from './concept-tracker.ts';
import { maskSide, takeData, type TrackerFeatures, type TrackerModel } from './decode.ts';
import { encodedSide } from './config.ts';
import { memoryMask } from './mask-prompt.ts';

/** What is to be remembered of an object's looks. */
type Look = Pick<MemoryEntry, 'logits' | 'score' | 'binarise'>;

/**
 * Runs the memory encoder for objects on one frame.
 * @returns a map for each, [64, g, g] in bfloat16
 */
export async function encodeMemories(
	model: TrackerModel,
	{ trk }: TrackerFeatures,
	objects: readonly Look[]
): Promise<Uint16Array[]> {
	const count = objects.length;
	const side = maskSide(model);
	const masks = new Float32Array(count * side * side);
	for (const [i, { logits }] of objects.entries()) masks.set(logits, i * side * side);
	const scores = Float32Array.from(objects, ({ score }) => score);
	const cuts = objects.map(({ binarise }) => binarise);
	const { memory } = await model.networks.memoryEncoder.run({
		trk_2: trk[2],
		mask: new Tensor('float32', masks, [count, 1, side, side]),
		score: new Tensor('float32', scores, [count, 1]),
		binarise: new Tensor('bool', cuts, [count])
	});
	const maps = toBfloat16(await takeData(memory!));
	return objects.map((_, i) => maps.slice((i * maps.length) / count, ((i + 1) * maps.length) / count));
}

/**
 * Encodes a mask that the user made, in its full detail (transformers, `_use_mask_as_output` and `_encode_new_memory`).
 * @param shares S x S, 0 to 1
 * @param score of the object's being there, a logit
 * @returns [64, g, g] in bfloat16
 */
export async function encodeMask(
	model: TrackerModel,
	{ trk }: TrackerFeatures,
	shares: Float32Array,
	score: number
): Promise<Uint16Array> {
	const side = encodedSide(model.config, model.size);
	const { memory } = await model.networks.maskMemory.run({
		trk_2: trk[2],
		mask: new Tensor('float32', memoryMask(shares, model), [1, 1, side, side]),
		score: new Tensor('float32', [score], [1, 1])
	});
	return toBfloat16(await takeData(memory!));
}
