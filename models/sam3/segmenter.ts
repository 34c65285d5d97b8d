import { modelError } from '../errors.ts';
import type { Frame, Mask } from '../frame.ts';
import { isEmptyMask, requireSize } from '../mask.ts';
import type { Network } from '../runtime.ts';
import type {
	EncodedFrame,
	Segmenter,
	TrackableClip,
	TrackedFrame,
	TrackRequest,
	TrackSeed
} from '../segmenter.ts';
import { trackTogether } from './clip-tracking.ts';
import type { Sam3Config } from './config.ts';
import { maskSide } from './decode.ts';
import { ConceptDetector } from './detect.ts';
import { encodePixels, preprocess, type FrameFeatures, type Halves } from './features.ts';
import { FramePrompts } from './frame-prompts.ts';
import type { FixedBank } from './graphs/memory-attention.ts';
import type { Sam3Constants, Sam3Networks } from './networks.ts';
import { defaultSam3Options, type Sam3Options } from './options.ts';
import { resizeToMask } from './regions.ts';
import type { PhraseReader } from './phrases.ts';
import { VideoTracker } from './tracker.ts';

export interface Sam3Parts {
	readonly networks: Omit<Sam3Networks, 'text'>;
	readonly config: Sam3Config;
	readonly constants: Sam3Constants;
	/** The side of the networks' input, in pixels. */
	readonly size: number;
	readonly phrases: PhraseReader;
	/** What memory attention was built for, where its bank is of a fixed size. */
	readonly bank?: FixedBank;
	/** Meta's choices when left out. */
	readonly options?: Sam3Options;
}

/** SAM 3: clicks, boxes, strokes, words and examples on one look at a frame, and targets through a clip. It owns its networks. */
export function createSam3Segmenter(parts: Sam3Parts): Segmenter {
	return new Sam3Segmenter(parts);
}

class Sam3Segmenter implements Segmenter {
	readonly id = 'sam3';
	readonly prompts = ['point', 'box', 'stroke'] as const;
	readonly #options: Sam3Options;
	readonly #detector: ConceptDetector;

	constructor(private readonly parts: Sam3Parts) {
		this.#options = parts.options ?? defaultSam3Options;
		this.#detector = new ConceptDetector({ ...parts, options: this.#options.detection });
	}

	checkWords(words: string): void {
		this.parts.phrases.check(words);
	}

	readWords(words: string): Promise<Float32Array> {
		return this.parts.phrases.tokens(words);
	}

	async encode(frame: Frame, signal?: AbortSignal): Promise<EncodedFrame> {
		signal?.throwIfAborted();
		const features = await this.#look(frame);
		const picture = { width: frame.width, height: frame.height };
		const prompts = new FramePrompts(this.parts, features, picture, this.#options.prompts);
		return {
			segment: (asked, signal, mask) => prompts.segment(asked, signal, mask),
			detect: (concept, signal) => this.#detector.detect(features, picture, concept, signal),
			dispose: () => features.dispose()
		};
	}

	async *track(seed: TrackSeed, frames: AsyncIterable<Frame>, signal?: AbortSignal): AsyncIterable<Mask> {
		requireSize(seed.mask, seed.frame);
		if (isEmptyMask(seed.mask)) throw modelError('mask-empty');
		const tracker = new VideoTracker(this.parts, this.#options);
		const side = maskSide(this.parts);
		await this.#withTracked(seed.frame, (features) => tracker.addMask(1, 0, features, seed.mask));
		let index = 0;
		for await (const frame of frames) {
			signal?.throwIfAborted();
			const { width, height } = frame;
			const [target] = await this.#withTracked(frame, (features) => tracker.track(features, ++index));
			const data = resizeToMask(target!.logits, { width: side, height: side }, { width, height });
			yield { width, height, data };
		}
	}

	async *trackClip(
		clip: TrackableClip,
		request: TrackRequest,
		signal?: AbortSignal
	): AsyncIterable<TrackedFrame> {
		yield* trackTogether(
			{
				...{ model: this.parts, detector: this.#detector, options: this.#options },
				encode: (frame, halves) => this.#look(frame, halves)
			},
			clip,
			request,
			signal
		);
	}

	async dispose(): Promise<void> {
		const { networks, phrases } = this.parts;
		const released = Object.values<Network>({ ...networks }).map((network) => network.release());
		await Promise.all([...released, phrases.dispose()]);
	}

	#look(frame: Frame, halves?: Halves): Promise<FrameFeatures> {
		const { networks, size } = this.parts;
		return encodePixels(networks, preprocess(frame, size), size, halves);
	}

	/** Does something with what the tracking half sees in a frame. */
	async #withTracked<T>(frame: Frame, use: (features: FrameFeatures) => Promise<T>): Promise<T> {
		const features = await this.#look(frame, { detector: false });
		return use(features).finally(() => features.dispose());
	}
}
