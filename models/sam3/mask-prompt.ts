import { Tensor } from 'onnxruntime-common';
import type { Mask } from '../frame.ts';
import { resizeAntialiased } from '../antialias.ts';
import {
	decode,
	chooseMasks,
	maskSide,
	type DecodedMask,
	type TrackerFeatures,
	type TrackerModel
} from './decode.ts';
import { encodedSide } from './config.ts';

/** Logits of a mask that is sure of itself. */
const [INSIDE, OUTSIDE] = [10, -10];

/** A mask at the size of the network's input, 0 and 1: S x S. */
export function maskInput({ data, width, height }: Mask, { size }: Pick<TrackerModel, 'size'>): Float32Array {
	const square = { width: size, height: size };
	const shares = Float32Array.from(data, (value) => (value >= 128 ? 1 : 0));
	if (width === size && height === size) return shares;
	return resizeAntialiased(shares, { width, height }, square).map((share) => (share >= 0.5 ? 1 : 0));
}

/** A mask of shares, S x S, as logits of the decoder's size, s x s. */
export function maskLogits(shares: Float32Array, model: Pick<TrackerModel, 'config' | 'size'>): Float32Array {
	const side = maskSide(model);
	const from = { width: model.size, height: model.size };
	return resizeAntialiased(shares, from, { width: side, height: side }).map(
		(share) => share * (INSIDE - OUTSIDE) + OUTSIDE
	);
}

/** A mask of shares, S x S, as `Sam3Networks.maskMemory` takes it: 0 and 1. */
export function memoryMask(shares: Float32Array, model: Pick<TrackerModel, 'config' | 'size'>): Float32Array {
	const from = { width: model.size, height: model.size };
	const side = encodedSide(model.config, model.size);
	return resizeAntialiased(shares, from, { width: side, height: side }).map((share) => (share > 0.5 ? 1 : 0));
}

/**
 * Takes a mask for the answer on a frame: the decoder is asked only for the pointer of what it shows (transformers, `_use_mask_as_output`).
 * @param shares S x S, 0 to 1
 */
export async function answerMask(
	model: TrackerModel,
	features: TrackerFeatures,
	shares: Float32Array
): Promise<DecodedMask & { readonly score: number }> {
	const { networks, constants, config, size } = model;
	const present = shares.some((share) => share > 0);
	const answer = { logits: maskLogits(shares, model), iou: 1, score: present ? INSIDE : OUTSIDE };
	if (!present) return { ...answer, pointer: constants.noObjectPointer };
	const { mask_input } = await networks.maskDownsample.run({
		mask: new Tensor('float32', shares, [1, 1, size, size])
	});
	const [decoded] = await decode(model, features, features.trk[2], [], mask_input);
	mask_input!.dispose();
	const [best] = chooseMasks(decoded!, 0, config);
	return { ...answer, pointer: decoded!.score > 0 ? best!.pointer : constants.noObjectPointer };
}
