import type { Value, Weights } from '../onnx/graph.ts';
import { conv } from '../onnx/layers.ts';
import { add, cast, clip, expand, ifElse, reshape, subtract } from '../onnx/operators/index.ts';
import type { GraphDefinition } from '../onnx/types.ts';
import { Border, type MatAnyoneBuild } from './graph-border.ts';
import { pixelFuser } from './network/feature-fusion.ts';
import {
	keyProjection,
	normalisedImage,
	pixelEncoder,
	type Key,
	type SkipFeatures
} from './network/image-encoder.ts';
import { decoderFeature, decoderFeatures, maskDecoder } from './network/mask-decoder.ts';
import { maskEncoder } from './network/mask-encoder.ts';
import { blend, changePrediction, memoryRows, readMemory, TOP } from './network/memory.ts';
import { objectSummarizer } from './network/object-summarizer.ts';
import { objectTransformer } from './network/object-transformer.ts';
import { deepUpdate } from './network/sensory-memory.ts';
import { tokens } from './network/tokens.ts';

export interface MatAnyoneGraphs {
	readonly seed: GraphDefinition;
	readonly first: GraphDefinition;
	readonly step: GraphDefinition;
}

/**
 * MatAnyone (Yang et al., CVPR 2025) for one target, as three graphs around the state that `loop.ts` carries; MatAnyone 2 is the same network
 * with other weights. Written after the behaviour of matanyone/model (pq-yang/MatAnyone).
 *
 * With h = H/16 and w = W/16, everything float32 but `rgb` (uint8) and `is_mem` (bool):
 * - `seed` takes rgb [1, H, W, 3] and mask [1, 1, H, W]; it gives msk_value, sensory_out [1, 1, 256, h, w] and obj_memory_out
 *   [1, 1, 16, 257]; and of the image, which the warm-up sees many times: pix_feat [1, 256, h, w], what the decoder takes of its features,
 *   f8 [1, 256, H/8, W/8], f4 [1, 128, H/4, W/4] and f2 [1, 128, H/2, W/2], and what the memory keeps of it, mem_k_row [h·w, 129].
 * - `first` takes rgb, f8, f4, f2, last_mask, last_msk_value, sensory, obj_memory and last_pix_feat, all of the same image; it gives
 *   alpha [1, 1, H, W] of 0 to 1, msk_value, sensory_out, obj_memory_out, and what the memory keeps of the target, mem_v_row [h·w, 256].
 * - `step` takes rgb, last_mask, last_msk_value, sensory, obj_memory and last_pix_feat of the frame before, the memory mem_k [N, 129] and
 *   mem_v [N, 256], and is_mem []: whether this frame is to be remembered. It gives what `first` gives, pix_feat and mem_k_row.
 *
 * @param weights the tensors of the official checkpoint, by their names
 * @throws CodedError `weights-missing`, `weights-shape`
 */
export function buildMatAnyone(weights: Weights, build: MatAnyoneBuild): MatAnyoneGraphs {
	const { height, width } = build;
	// The memory, which may hold a single frame, must have as many places as are read from it.
	if (height % 16 || width % 16 || (height / 16) * (width / 16) < TOP) {
		throw new RangeError(`MatAnyone at ${width}x${height}`);
	}
	return {
		seed: seed(new Border('matanyone-seed', weights, build)),
		first: first(new Border('matanyone-first', weights, build)),
		step: step(new Border('matanyone-step', weights, build))
	};
}

function seed(border: Border): GraphDefinition {
	const { net, graph } = border;
	const frame = look(border);
	const mask = border.matte('mask');
	const value = encodeMask(border, frame, mask);
	const empty = expand(graph.constant(new Float32Array(1), [1, 1, 1, 1]), value.shape);
	const sensory = deepUpdate(net.in('mask_encoder.sensory_update'), value, empty);
	border.give('sensory_out', sensory, 1);
	const summaries = summarise(border, mask, value);
	border.give('obj_memory_out', summaries, 2);
	border.give('pix_feat', frame.pixFeat);
	border.give('mem_k_row', memoryRows(frame.key));
	for (const name of ['f8', 'f4', 'f2'] as const) border.give(name, frame.skip[name]);
	border.show('mask_encoder', value, sensory);
	border.show('object_summarizer', summaries);
	return graph.define();
}

function first(border: Border): GraphDefinition {
	const { net, graph } = border;
	const frame = seenBefore(border);
	const state = takeState(border);
	const { alpha, sensory } = predict(border, frame, state.value, state);
	const value = encodeMask(border, frame, alpha);
	const updated = deepUpdate(net.in('mask_encoder.sensory_update'), value, sensory);
	border.give('sensory_out', updated, 1);
	const summaries = summarise(border, alpha, value);
	border.give('obj_memory_out', summaries, 2);
	border.show('mask_encoder', value, updated);
	border.show('object_summarizer', summaries);
	border.give('mem_v_row', tokens(value));
	return graph.define();
}

function step(border: Border): GraphDefinition {
	const { net, graph, sizes } = border;
	const frame = look(border);
	const state = takeState(border);
	const lastPixFeat = border.map('last_pix_feat', sizes.pixel, 16);
	const memoryKey = border.take('mem_k', ['N', 2 * sizes.key + 1]);
	const memoryValue = border.take('mem_v', ['N', sizes.value]);
	const isMemory = graph.input('is_mem', 'bool', []);

	const readout = readMemory(frame.key, memoryKey, memoryValue);
	const change = changePrediction(
		net.in('temp_sparity'),
		cast(lastPixFeat, net.precision),
		frame.pixFeat,
		cast(state.mask, net.precision),
		cast(subtract(readout, state.value), net.precision)
	);
	border.show('temp_sparity', change);
	const visual = blend(cast(change, 'float32'), readout, state.value);
	const { alpha, sensory } = predict(border, frame, visual, state);
	const value = encodeMask(border, frame, alpha);

	// Only frames that are remembered reach the sensory memory in depth, and the summaries of the target.
	const [updated, summaries] = ifElse(
		isMemory,
		() => [
			deepUpdate(net.in('mask_encoder.sensory_update'), value, sensory),
			add(state.summaries, summarise(border, alpha, value))
		],
		() => [sensory, state.summaries]
	) as [Value, Value];
	border.give('sensory_out', updated, 1);
	border.give('obj_memory_out', summaries, 2);
	border.show('mask_encoder', value, updated);
	border.show('object_summarizer', summarise(border, alpha, value));
	border.give('pix_feat', frame.pixFeat);
	border.give('mem_k_row', memoryRows(frame.key));
	border.give('mem_v_row', tokens(value));
	return graph.define();
}

/** What the network sees in a frame. */
interface Frame {
	/** [1, 256, h, w] */
	readonly pixFeat: Value;
	/** The image itself, normalised: [1, 3, H, W]. */
	readonly image: Value;
	/** For the decoder. */
	readonly skip: SkipFeatures;
}

/** Encodes a frame, and finds what it is searched by in the memory. */
function look(border: Border): Frame & { readonly key: Key } {
	const { net } = border;
	const image = normalisedImage(net, border.rgb());
	const { f16, ...skip } = pixelEncoder(net.in('pixel_encoder'), image);
	const pixFeat = conv(net.in('pix_feat_proj'), f16);
	const key = keyProjection(net.in('key_proj'), f16);
	border.show('pixel_encoder', f16, skip.f8, skip.f4, skip.f2, skip.f1);
	border.show('pix_feat_proj', pixFeat);
	border.show('key_proj', key.key, key.shrinkage, key.selection);
	return { image, pixFeat, skip: decoderFeatures(net.in('mask_decoder'), skip), key };
}

/** A frame that another graph has encoded. */
function seenBefore(border: Border): Frame {
	const { net, sizes } = border;
	const map = (name: string, channels: number, stride: number) =>
		cast(border.map(name, channels, stride), net.precision);
	const image = normalisedImage(net, border.rgb());
	const [f8, f4, f2] = [8, 4, 2].map((stride, i) => map(`f${stride}`, sizes.skip[i]!, stride));
	const f1 = decoderFeature(net.in('mask_decoder'), 3, image);
	return { image, pixFeat: map('last_pix_feat', sizes.pixel, 16), skip: { f8: f8!, f4: f4!, f2: f2!, f1 } };
}

/** What the frame before left, in float32. */
interface State {
	/** Its matte: [1, 1, H, W]. */
	readonly mask: Value;
	/** What the mask encoder made of it: [1, 256, h, w]. */
	readonly value: Value;
	/** [1, 256, h, w] */
	readonly sensory: Value;
	/** Summaries of the target over all remembered frames: [16, 257]. */
	readonly summaries: Value;
}

function takeState(border: Border): State {
	const { value, queries } = border.sizes;
	const summaries = border.take('obj_memory', [1, 1, queries, value + 1]);
	return {
		mask: border.matte('last_mask'),
		value: border.targetMap('last_msk_value', value),
		sensory: border.targetMap('sensory', value),
		summaries: reshape(summaries, [queries, value + 1])
	};
}

/**
 * Draws the matte from what is known of the target at each place, and gives it out.
 * @param visual [1, 256, h, w], float32
 * @returns the matte, and the sensory memory after it: both float32
 */
function predict(
	border: Border,
	frame: Frame,
	visual: Value,
	state: State
): { alpha: Value; sensory: Value } {
	const { net } = border;
	const [seen, felt, mask] = [visual, state.sensory, state.mask].map((value) => cast(value, net.precision));
	const fused = pixelFuser(net.in('pixel_fuser'), frame.pixFeat, seen!, felt!, mask!);
	const readout = objectTransformer(net.in('object_transformer'), fused, state.summaries);
	const drawn = maskDecoder(net.in('mask_decoder'), readout, frame.skip, state.sensory);
	border.show('pixel_fuser', fused);
	border.show('object_transformer', readout);
	border.show('mask_decoder', drawn.sensory, drawn.logits);
	const alpha = clip(drawn.logits, 0, 1);
	border.give('alpha', alpha);
	return { alpha, sensory: drawn.sensory };
}

/** Encodes a frame with its matte, and gives the result out: [1, 256, h, w]. */
function encodeMask(border: Border, { image, pixFeat }: Frame, mask: Value): Value {
	const { net } = border;
	const value = maskEncoder(net.in('mask_encoder'), image, pixFeat, cast(mask, net.precision));
	border.give('msk_value', value, 1);
	return value;
}

/** Summaries of the target in a frame: [16, 257], float32. */
function summarise(border: Border, mask: Value, value: Value): Value {
	return objectSummarizer(border.net.in('object_summarizer'), mask, value);
}
