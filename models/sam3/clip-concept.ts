import type { Size } from '../frame.ts';
import type { Concept } from '../segmenter.ts';
import type { Sam3Config } from './config.ts';
import type { ConceptDetector, ConceptPrompt, DetectorFeatures, Found } from './detect.ts';
import type { ConceptOptions } from './options.ts';
import { iou, regionOf, type Region } from './regions.ts';

export interface ClipConceptParts {
	readonly detector: Pick<ConceptDetector, 'read' | 'find'>;
	readonly config: Pick<Sam3Config, 'score_threshold_detection' | 'det_nms_thresh' | 'assoc_iou_thresh'>;
	readonly options: Pick<ConceptOptions, 'portableExamples'>;
	/** The size of the clip's frames. */
	readonly picture: Size;
}

/** What words and examples say to look for on each frame of a clip. */
export class ClipConcept {
	readonly #parts: ClipConceptParts;
	readonly #concept: Concept;
	readonly #exampleFrame: number;
	#words: ConceptPrompt | undefined;
	#whole: ConceptPrompt | undefined;

	/** @param exampleFrame the number of the frame that the examples are on */
	constructor(parts: ClipConceptParts, concept: Concept, exampleFrame: number) {
		this.#parts = parts;
		this.#concept = concept;
		this.#exampleFrame = exampleFrame;
	}

	/** Whether the frame of the examples is to be looked at by `learn` before others are by `find`. */
	get learnsFirst(): boolean {
		return this.#parts.options.portableExamples && this.#hasExamples;
	}

	/**
	 * Reads the examples.
	 * @param features of the frame that they are on
	 * @throws as `ConceptDetector.read`
	 */
	async learn(features: DetectorFeatures): Promise<void> {
		const { detector, picture } = this.#parts;
		this.#whole = await detector.read(this.#concept, features, picture);
	}

	/**
	 * Everything on a frame that is meant there, surest first; undefined where nothing is looked for.
	 * @param taken what is followed already for another reason, and is not to be found again; of the size of the logits
	 * @throws as `ConceptDetector.read` and `ConceptDetector.find`
	 */
	async find(
		features: DetectorFeatures,
		frame: number,
		taken: readonly Region[] = [],
		signal?: AbortSignal
	): Promise<Found[] | undefined> {
		const { detector, config } = this.#parts;
		const prompt = await this.#promptOn(features, frame);
		if (!prompt) return undefined;
		const threshold = config.score_threshold_detection;
		const overlap = config.det_nms_thresh > 0 ? config.det_nms_thresh : 1;
		const found = await detector.find(features, prompt, { threshold, overlap, signal });
		return found.filter(({ logits }) => {
			const region = regionOf(logits);
			return taken.every((other) => iou(region, other) < config.assoc_iou_thresh);
		});
	}

	get #hasExamples(): boolean {
		return (this.#concept.examples?.length ?? 0) > 0;
	}

	/** Nothing where only the examples say what is meant, and they are on another frame. */
	async #promptOn(features: DetectorFeatures, frame: number): Promise<ConceptPrompt | undefined> {
		const { detector, picture, options } = this.#parts;
		if (this.#hasExamples && frame === this.#exampleFrame) {
			if (!this.#whole) await this.learn(features);
			return this.#whole;
		}
		if (this.#hasExamples && options.portableExamples) {
			if (!this.#whole) throw new Error('the examples were not learned');
			return this.#whole;
		}
		const { words } = this.#concept;
		if (words === undefined && this.#hasExamples) return undefined;
		return (this.#words ??= await detector.read({ words }, features, picture));
	}
}
