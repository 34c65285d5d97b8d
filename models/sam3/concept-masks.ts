import type { Mask, Size } from '../frame.ts';
import type { ConceptFrame } from './concept-tracker.ts';
import { resizeToMask } from './regions.ts';

/**
 * The masks of the objects on a frame, by their ids; of those in sight only. A pixel that several claim belongs to the one whose presence
 * is surest (`postprocess_outputs` of huggingface/transformers, models/sam3_video).
 * @param from the size of the logits
 * @param to the size of the frame
 */
export function masksOf({ objects }: ConceptFrame, from: Size, to: Size): Map<number, Mask> {
	const masks = new Map<number, Mask>();
	for (const { id, logits } of objects) {
		const data = resizeToMask(logits, from, to);
		if (data.includes(255)) masks.set(id, { ...to, data });
	}
	const taken = new Uint8Array(to.width * to.height);
	for (const { id } of objects.toSorted((a, b) => b.presence - a.presence)) {
		const data = masks.get(id)?.data;
		for (let i = 0; data && i < data.length; i++) {
			if (data[i] && taken[i]) data[i] = 0;
			else taken[i]! |= data[i]!;
		}
	}
	return masks;
}
