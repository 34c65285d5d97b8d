import { Tensor } from 'onnxruntime-common';
import { checkConcept } from '../check-prompts.ts';
import type { Size } from '../frame.ts';
import type { Box, Concept, Detection, Example } from '../segmenter.ts';
import type { Sam3Config } from './config.ts';
import { gridOf } from './config.ts';
import { maskSide, takeData } from './decode.ts';
import type { FrameFeatures } from './features.ts';
import type { Sam3Networks } from './networks.ts';
import type { DetectionOptions } from './options.ts';
import { LIKE_THESE, type PhraseReader } from './phrases.ts';
import { fillHoles, regionOf, resizeToMask, suppressOverlaps } from './regions.ts';
import { roiWeights, type NormalisedBox } from './roi-weights.ts';

/** The half of SAM 3 that finds things by words and examples, loaded for one size. */
export interface DetectorModel {
	readonly networks: Pick<Sam3Networks, 'geometry' | 'detector' | 'masks'>;
	readonly config: Sam3Config;
	/** The side of the input in pixels, S. */
	readonly size: number;
	readonly phrases: PhraseReader;
	readonly options: DetectionOptions;
}

/** A frame as this half sees it. */
export type DetectorFeatures = Pick<FrameFeatures, 'det'>;

/** What is looked for, as the detector reads it. It serves any frame: examples tell what to look for on others, too. */
export interface ConceptPrompt {
	/** A token of the phrase after the other: [n, C]. */
	readonly words: Float32Array;
	/** A token for each example, and one that sums them up: [n, C]. */
	readonly examples?: Float32Array;
}

/** What is left out is as the model's options say. */
export interface FindOptions extends Partial<Pick<DetectionOptions, 'threshold' | 'overlap'>> {
	readonly signal?: AbortSignal;
}

/** One thing on a frame. */
export interface Found {
	/** Of being what is meant, 0 to 1. */
	readonly score: number;
	/** Left, top, right and bottom as parts of the picture; they may reach a little beyond it. */
	readonly box: readonly [left: number, top: number, right: number, bottom: number];
	/** Of the mask, s x s with s the model's `maskSide`; above 0 inside. */
	readonly logits: Float32Array;
}

/** What one of the detector's queries says. */
interface Answer extends Omit<Found, 'logits'> {
	/** What its mask is drawn from: C numbers. */
	readonly query: Float32Array;
}

/** Finds everything on frames that words or examples describe (Carion et al., 2025). */
export class ConceptDetector {
	readonly #model: DetectorModel;

	constructor(model: DetectorModel) {
		this.#model = model;
	}

	/**
	 * Reads words and examples, once for all frames that they are for.
	 * @param features of the frame that the examples are on
	 * @param picture its size, in whose pixels they are
	 * @throws CodedError `words-empty`, `words-long`, `prompt-outside`, `box-empty`, `prompt-empty` when examples say only what is not meant
	 */
	async read(
		{ words, examples = [] }: Concept,
		features: DetectorFeatures,
		picture: Size
	): Promise<ConceptPrompt> {
		checkConcept({ words, examples }, picture);
		const phrase = await this.#model.phrases.tokens(words ?? LIKE_THESE);
		if (examples.length === 0) return { words: phrase };
		return { words: phrase, examples: await this.#examples(examples, features, picture) };
	}

	/**
	 * Everything on a frame that is meant, each thing once, surest first; nothing where nothing is.
	 * @throws the signal's reason when it was aborted
	 */
	async find(
		features: DetectorFeatures,
		prompt: ConceptPrompt,
		{ threshold, overlap, signal }: FindOptions = {}
	): Promise<Found[]> {
		const { options } = this.#model;
		const tokens = await this.#tokens(features, prompt);
		signal?.throwIfAborted();
		const { answers, encoded } = await this.#ask(features, tokens);
		try {
			signal?.throwIfAborted();
			const sure = answers.filter(({ score }) => score > (threshold ?? options.threshold));
			if (sure.length === 0) return [];
			const masks = await this.#draw(features, tokens, encoded, sure);
			const found = sure.map(({ score, box }, i) => ({ score, box, logits: masks[i]! }));
			return onceEach(found, overlap ?? options.overlap);
		} finally {
			encoded.dispose();
		}
	}

	/**
	 * `read` and `find` on one frame, with masks of its size: small holes filled, small sprinkles removed.
	 * @throws what `read` throws; the signal's reason when it was aborted
	 */
	async detect(
		features: DetectorFeatures,
		picture: Size,
		concept: Concept,
		signal?: AbortSignal
	): Promise<Detection[]> {
		signal?.throwIfAborted();
		const prompt = await this.read(concept, features, picture);
		const found = await this.find(features, prompt, { signal });
		const side = maskSide(this.#model);
		const size = { width: side, height: side };
		return found.map(({ score, box, logits }) => {
			const whole = fillHoles(logits, size, this.#model.config.fill_hole_area);
			const mask = { ...picture, data: resizeToMask(whole, size, picture) };
			return { score, box: boxIn(picture, box), mask };
		});
	}

	/** What each of the detector's queries says of a frame. */
	async #ask(
		{ det: [, , det_2] }: DetectorFeatures,
		prompt: Tensor
	): Promise<{ answers: Answer[]; encoded: Tensor }> {
		const output = await this.#model.networks.detector.run({ det_2, prompt });
		const [boxes, logits, presence, queries] = await Promise.all(
			['boxes', 'logits', 'presence', 'queries'].map((name) => takeData(output[name]!))
		);
		const there = sigmoid(presence![0]!);
		const answers = Array.from(logits!, (logit, i): Answer => {
			const row = (values: Float32Array) => rowOf(values, logits!.length, i);
			const box = [...row(boxes!)] as [number, number, number, number];
			return { score: there * sigmoid(logit), box, query: row(queries!) };
		});
		return { answers, encoded: output.encoded! };
	}

	/** The masks of these queries: logits, s x s each. */
	async #draw(
		{ det: [det_0, det_1] }: DetectorFeatures,
		prompt: Tensor,
		encoded: Tensor,
		answers: readonly Answer[]
	): Promise<Float32Array[]> {
		const channels = prompt.dims[2]!;
		const chosen = new Float32Array(answers.length * channels);
		for (const [i, { query }] of answers.entries()) chosen.set(query, i * channels);
		const { masks } = await this.#model.networks.masks.run(
			{ det_0, det_1, encoded, prompt, queries: matrix(chosen, channels) },
			['masks']
		);
		const logits = await takeData(masks!);
		return answers.map((_, i) => rowOf(logits, answers.length, i).slice());
	}

	/** The tokens of the prompt for a frame: [1, L, C]. */
	async #tokens(features: DetectorFeatures, { words, examples }: ConceptPrompt): Promise<Tensor> {
		const channels = features.det[2].dims[1]!;
		if (examples) return matrix(Float32Array.of(...words, ...examples), channels);
		if (!this.#model.options.summary) return matrix(words, channels);
		return matrix(Float32Array.of(...words, ...(await this.#geometry([], [], features))), channels);
	}

	#examples(
		examples: readonly Example[],
		features: DetectorFeatures,
		{ width, height }: Size
	): Promise<Float32Array> {
		const boxes = examples.map((example): NormalisedBox => {
			const left = Math.max(example.x, 0) / width;
			const top = Math.max(example.y, 0) / height;
			const right = Math.min(example.x + example.width, width) / width;
			const bottom = Math.min(example.y + example.height, height) / height;
			return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top];
		});
		const labels = examples.map(({ positive }) => BigInt(positive));
		return this.#geometry(boxes, labels, features);
	}

	async #geometry(
		boxes: readonly NormalisedBox[],
		labels: readonly bigint[],
		{ det: [, , det_2] }: DetectorFeatures
	): Promise<Float32Array> {
		const { config, size, networks } = this.#model;
		const grid = gridOf(config, size);
		const { roi_size: roi } = config.detector_config.geometry_encoder_config;
		const weights = roiWeights(boxes, grid, roi);
		const { geometry } = await networks.geometry.run({
			det_2,
			boxes: new Tensor('float32', Float32Array.from(boxes.flat()), [1, boxes.length, 4]),
			labels: new Tensor('int64', BigInt64Array.from(labels), [1, boxes.length]),
			roi_y: new Tensor('float32', weights.y, [boxes.length, roi, grid]),
			roi_x: new Tensor('float32', weights.x, [boxes.length, roi, grid])
		});
		return takeData(geometry!);
	}
}

/** The numbers of one of `count` rows. */
function rowOf(values: Float32Array, count: number, row: number): Float32Array {
	const length = values.length / count;
	return values.subarray(row * length, (row + 1) * length);
}

/** Rows of `channels` numbers as a tensor [1, n, channels]. */
function matrix(values: Float32Array, channels: number): Tensor {
	return new Tensor('float32', values, [1, values.length / channels, channels]);
}

/** What has a mask at all, and of what overlaps by more than this the surest only; surest first. */
function onceEach(found: readonly Found[], overlap: number): Found[] {
	const regions = found.map(({ logits }) => regionOf(logits));
	const scores = found.map(({ score }) => score);
	return suppressOverlaps(regions, scores, overlap)
		.filter((index) => regions[index]!.area > 0)
		.map((index) => found[index]!);
}

/** The part of a box that lies in the picture, in its pixels. */
function boxIn({ width, height }: Size, [left, top, right, bottom]: Found['box']): Box {
	const within = (part: number, size: number) => Math.min(Math.max(part, 0), 1) * size;
	const [x, y] = [within(left, width), within(top, height)];
	return { x, y, width: within(right, width) - x, height: within(bottom, height) - y };
}

function sigmoid(x: number): number {
	return 1 / (1 + Math.exp(-x));
}
