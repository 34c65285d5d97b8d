import { Tensor } from 'onnxruntime-common';
import type { Sam3Config } from './config.ts';
import type { FixedBank } from './graphs/memory-attention.ts';
import type { Sam3Constants, Sam3Networks } from './networks.ts';
import type { PromptPoint } from './prompts.ts';

/** The half of SAM 3 that answers clicks and follows objects, loaded for one size. */
export interface TrackerModel {
	readonly networks: Pick<
		Sam3Networks,
		'decoder' | 'memoryAttention' | 'memoryEncoder' | 'maskMemory' | 'maskDownsample'
	>;
	readonly constants: Sam3Constants;
	readonly config: Sam3Config;
	/** The side of the input in pixels, S. */
	readonly size: number;
	/** What memory attention was built for, where its bank is of a fixed size. */
	readonly bank?: FixedBank;
}

/** A frame as this half sees it: the pyramid `trk_0`, `trk_1`, `trk_2` of the vision encoder. */
export interface TrackerFeatures {
	readonly trk: readonly [Tensor, Tensor, Tensor];
}

/** A mask of the decoder. */
export interface DecodedMask {
	/** s x s, above 0 inside. */
	readonly logits: Float32Array;
	/** How well the decoder thinks it fits, about 0 to 1. */
	readonly iou: number;
	/** What tells the object apart, in 256 numbers. */
	readonly pointer: Float32Array;
}

/** What the decoder says of one object. */
export interface Decoded {
	/** The single mask, then the alternatives. */
	readonly masks: readonly DecodedMask[];
	/** Whether the object is there, a logit. */
	readonly score: number;
}

/** The logits of an object that is not there. */
const ABSENT = -1024;

/** Masks that go back into the decoder stay within this. */
const STEADY = 32;

/** The side of the decoder's masks, s, at an input of `size` pixels. */
export function maskSide({ config, size }: Pick<TrackerModel, 'config' | 'size'>): number {
	return (4 * size) / config.detector_config.vision_config.backbone_config.patch_size;
}

/**
 * Runs the decoder on one frame.
 * @param feature [B, 256, g, g]: the frame's coarsest level, with the memory of each of B objects or none
 * @param points for all objects alike; none where nothing is prompted
 * @param mask [B, 1, s, s] logits of what is known already
 */
export async function decode(
	model: TrackerModel,
	{ trk }: TrackerFeatures,
	feature: Tensor,
	points: readonly PromptPoint[] = [],
	mask?: Tensor
): Promise<Decoded[]> {
	const objects = feature.dims[0]!;
	const side = maskSide(model);
	// Training knows no prompt without a place holder at its end.
	const none: PromptPoint = { x: 0, y: 0, label: -1 };
	const padded = points.length > 0 ? [...points, none] : [none, none];
	const coords = padded.flatMap(({ x, y }) => [x, y]);
	const labels = padded.map(({ label }) => BigInt(label));
	const output = await model.networks.decoder.run({
		trk_0: trk[0],
		trk_1: trk[1],
		feature,
		points: new Tensor('float32', repeated(coords, objects), [objects, padded.length, 2]),
		labels: new Tensor('int64', BigInt64Array.from(repeated(labels, objects)), [objects, padded.length]),
		mask_input:
			mask ?? new Tensor('float32', new Float32Array(objects * side * side), [objects, 1, side, side]),
		has_mask: new Tensor('bool', new Array<boolean>(objects).fill(mask !== undefined), [objects])
	});
	const [masks, ious, scores, pointers] = await Promise.all(
		['masks', 'iou', 'score', 'pointers'].map((name) => takeData(output[name]!))
	);
	const count = ious!.length / objects;
	return Array.from({ length: objects }, (_, object) => ({
		masks: Array.from({ length: count }, (_, i) => ({
			logits: part(masks!, object * count + i, side * side),
			iou: ious![object * count + i]!,
			pointer: part(pointers!, object * count + i, pointers!.length / ious!.length)
		})),
		score: scores![object]!
	}));
}

/**
 * The decoder's masks that answer a prompt, best first. One click, or none, can mean several things: the alternatives by their predicted
 * IoU. More say what is meant: the single mask, unless its border is so unsure that the best alternative is better (Kirillov et al., 2023;
 * transformers, `_dynamic_multimask_via_stability`).
 * @param points how many the prompt has
 */
export function chooseMasks(
	{ masks: [single, ...others] }: Decoded,
	points: number,
	{ tracker_config: { mask_decoder_config: rules, ...limits } }: Sam3Config
): DecodedMask[] {
	const ranked = others.toSorted((a, b) => b.iou - a.iou);
	if (points >= limits.multimask_min_pt_num && points <= limits.multimask_max_pt_num) return ranked;
	const stable =
		!rules.dynamic_multimask_via_stability ||
		stability(single!.logits, rules.dynamic_multimask_stability_delta) >=
			rules.dynamic_multimask_stability_thresh;
	// The pointer stays the single mask's, as upstream.
	return [stable ? single! : { ...ranked[0]!, pointer: single!.pointer }];
}

/** The intersection over union of a mask cut a little above and a little below its border; 1 where there is none. */
function stability(logits: Float32Array, delta: number): number {
	let inner = 0;
	let outer = 0;
	for (const logit of logits) {
		if (logit > delta) inner++;
		if (logit > -delta) outer++;
	}
	return outer > 0 ? inner / outer : 1;
}

/** A mask as it is, or nothing at all where the object's score says that it is not there. */
export function ifPresent(mask: DecodedMask, score: number, { noObjectPointer }: Sam3Constants): DecodedMask {
	if (score > 0) return mask;
	return {
		...mask,
		logits: new Float32Array(mask.logits.length).fill(ABSENT),
		pointer: noObjectPointer
	};
}

/** Logits as the decoder takes them back. */
export function steadied(logits: Float32Array): Float32Array {
	return logits.map((logit) => Math.min(STEADY, Math.max(-STEADY, logit)));
}

const withoutMemories = new WeakMap<Tensor, Promise<Tensor>>();

/** The coarsest level of a frame as the decoder takes it where nothing is remembered: [1, 256, g, g]. */
export function withoutMemory({ constants }: TrackerModel, { trk }: TrackerFeatures): Promise<Tensor> {
	const level = trk[2];
	const known = withoutMemories.get(level);
	if (known) return known;
	const made = addChannels(level, constants.noMemory);
	withoutMemories.set(level, made);
	return made;
}

async function addChannels(level: Tensor, vector: Float32Array): Promise<Tensor> {
	const data = Float32Array.from((await level.getData()) as Float32Array);
	const pixels = data.length / vector.length;
	for (let i = 0; i < data.length; i++) data[i]! += vector[Math.floor(i / pixels)]!;
	return new Tensor('float32', data, level.dims);
}

/** The numbers of a tensor that is not needed any longer. */
export async function takeData(tensor: Tensor): Promise<Float32Array> {
	const data = (await tensor.getData()) as Float32Array;
	tensor.dispose();
	return data;
}

/** A copy of its own, so that the whole batch is not kept for one object. */
function part(values: Float32Array, index: number, length: number): Float32Array {
	return values.slice(index * length, (index + 1) * length);
}

function repeated<T>(values: readonly T[], times: number): T[] {
	return Array.from({ length: times }, () => values).flat();
}
