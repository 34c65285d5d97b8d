import { modelError } from '../../models/errors.ts';
import type { Frame, Size } from '../../models/frame.ts';
import { decodeMask, encodeMask, type RunLengthMask } from '../../models/mask.ts';
import type { Concept, EncodedFrame, Prompt, Segmenter, TrackableClip } from '../../models/segmenter.ts';
import { trackClip } from '../../models/track-clip.ts';
import { EncodedFrames } from './encoded-frames.ts';
import type {
	DetectAnswer,
	OpenStage,
	Sam3Wish,
	SegmentAnswer,
	SegmentApi,
	SegmenterInfo,
	TrackedMasks,
	WorkerTrackRequest
} from './types.ts';

/** A segmenter that is ready. */
export interface OpenedSegmenter {
	readonly segmenter: Segmenter;
	readonly info: SegmenterInfo;
	/** Bytes that a frame holds which was made ready. */
	frameBytes(frame: Size): number;
}

/** What the worker is made of. */
export interface SegmentingParts {
	openClassic(): Promise<OpenedSegmenter>;
	openSam3(wish: Sam3Wish, onStage: (stage: OpenStage) => void): Promise<OpenedSegmenter>;
	openClip(file: Blob, name: string): Promise<TrackableClip & { close(): void }>;
	readPixels(picture: ImageBitmap, size: Size): Frame;
}

/** Bytes of frames that stay ready: three of SAM 3's at its full size. */
const READY_BYTES = 450e6;

/** Answers prompts and follows targets with one segmenter. */
export class Segmenting implements SegmentApi {
	readonly #frames = new EncodedFrames(READY_BYTES);
	#opened: Promise<OpenedSegmenter> | undefined;
	#encodeMilliseconds: number | undefined;
	#tracking: AbortController | undefined;
	/** Questions that are being answered. */
	readonly #asked = new Set<Promise<unknown>>();

	constructor(private readonly parts: SegmentingParts) {}

	async openSam3(wish: Sam3Wish, onStage: (stage: OpenStage) => void): Promise<SegmenterInfo> {
		this.#frames.clear();
		this.#opened = this.parts.openSam3(wish, onStage);
		return this.info();
	}

	async info(): Promise<SegmenterInfo> {
		const { info } = await this.#segmenter();
		return { ...info, encodeMilliseconds: this.#encodeMilliseconds ?? info.encodeMilliseconds };
	}

	async has(key: string): Promise<boolean> {
		return this.#frames.get(key) !== undefined;
	}

	setFrame(key: string, picture: ImageBitmap, size: Size): Promise<number> {
		return this.#first(async () => {
			const pixels = this.parts.readPixels(picture, size);
			picture.close();
			const { segmenter, frameBytes } = await this.#segmenter();
			const start = performance.now();
			const frame = await segmenter.encode(pixels);
			this.#encodeMilliseconds = performance.now() - start;
			this.#frames.set(key, frame, frameBytes(size));
			return this.#encodeMilliseconds;
		});
	}

	segment(key: string, prompts: readonly Prompt[], mask?: RunLengthMask): Promise<SegmentAnswer | undefined> {
		return this.#onFrame(key, async (frame) => {
			const [best] = await frame.segment(prompts, undefined, mask && decodeMask(mask));
			if (!best) throw modelError('no-match');
			return { mask: encodeMask(best.mask), score: best.score };
		});
	}

	detect(key: string, concept: Concept): Promise<DetectAnswer | undefined> {
		return this.#onFrame(key, async (frame, { segmenter }) => {
			const kind = concept.words === undefined ? 'example' : 'words';
			if (!frame.detect) throw modelError('prompt-unknown', { kind, segmenter: segmenter.id });
			const found = await frame.detect(concept);
			return {
				found: found.map(({ mask, score, box }) => ({ mask: encodeMask(mask), score, box }))
			};
		});
	}

	async track(
		file: Blob,
		name: string,
		request: WorkerTrackRequest,
		onFrame: (index: number, masks: TrackedMasks) => void | Promise<void>
	): Promise<void> {
		this.#tracking?.abort();
		const { signal } = (this.#tracking = new AbortController());
		const { segmenter } = await this.#segmenter();
		const targets = request.targets.map(({ id, keyframes }) => ({
			id,
			keyframes: keyframes.map(({ mask, ...keyframe }) => ({
				...keyframe,
				...(mask && { mask: decodeMask(mask) })
			}))
		}));
		const clip = await this.parts.openClip(file, name);
		try {
			for await (const { index, masks } of trackClip({
				...{ clip, segmenter, signal },
				request: { ...request, targets }
			})) {
				await onFrame(
					index,
					[...masks].map(([id, mask]) => [id, encodeMask(mask)])
				);
				// Whoever clicks while it goes on is answered first.
				while (this.#asked.size > 0) await Promise.allSettled(this.#asked);
				signal.throwIfAborted();
			}
		} finally {
			clip.close();
		}
	}

	async stopTracking(): Promise<void> {
		this.#tracking?.abort();
	}

	/** Opened with the first question that needs it: what it costs must not hold up the first picture. */
	#segmenter(): Promise<OpenedSegmenter> {
		return (this.#opened ??= this.parts.openClassic());
	}

	/** Does something before the next frame is tracked. */
	#first<T>(work: () => Promise<T>): Promise<T> {
		const asked = work().finally(() => this.#asked.delete(asked));
		this.#asked.add(asked);
		return asked;
	}

	/** Asks a frame that is ready. */
	#onFrame<T>(
		key: string,
		ask: (frame: EncodedFrame, opened: OpenedSegmenter) => Promise<T>
	): Promise<(T & Pick<SegmentAnswer, 'engine' | 'milliseconds'>) | undefined> {
		return this.#first(async () => {
			const frame = this.#frames.get(key);
			if (!frame) return undefined;
			const opened = await this.#segmenter();
			const start = performance.now();
			const answer = await ask(frame, opened);
			return { ...answer, engine: opened.info.engine, milliseconds: performance.now() - start };
		});
	}
}
