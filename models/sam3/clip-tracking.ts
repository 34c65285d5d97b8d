import type { TimedFrame } from '../clip.ts';
import { modelError } from '../errors.ts';
import type { Frame, Mask, Size } from '../frame.ts';
import { decodeMask, encodeMask, type RunLengthMask } from '../mask.ts';
import { firstKeyframe, forwardStart, framesBetween } from '../passes.ts';
import type { TargetKeyframe, TrackableClip, TrackedFrame, TrackRequest } from '../segmenter.ts';
import { ClipConcept } from './clip-concept.ts';
import { masksOf } from './concept-masks.ts';
import { ConceptTracker, type ConceptFrame } from './concept-tracker.ts';
import { maskSide, type TrackerModel } from './decode.ts';
import type { ConceptDetector } from './detect.ts';
import type { FrameFeatures, Halves } from './features.ts';
import type { Sam3Options } from './options.ts';
import { resizeToMask } from './regions.ts';
import { VideoTracker, type Tracked } from './tracker.ts';

/** What following targets through a clip needs of SAM 3. */
export interface ClipTrackingParts {
	readonly model: TrackerModel;
	readonly detector: ConceptDetector;
	readonly options: Sam3Options;
	/** Looks at a frame. */
	readonly encode: (frame: Frame, halves: Halves) => Promise<FrameFeatures>;
}

/**
 * Follows targets through a clip, all on one look at each frame: their keyframes together are what SAM 3 knows of them, on both sides
 * of a frame. See `Segmenter.trackClip` for the order of the frames.
 * @throws CodedError as `Segmenter.trackClip`; the signal's reason when it was aborted
 */
export async function* trackTogether(
	parts: ClipTrackingParts,
	clip: TrackableClip,
	request: TrackRequest,
	signal?: AbortSignal
): AsyncGenerator<TrackedFrame, void, undefined> {
	const { targets, concept, from = 0, to = clip.info.frames - 1 } = request;
	const tracking = new ClipTracking(parts, clip, request, signal);
	await tracking.learn();
	const firsts = targets.map(firstKeyframe);
	// Examples begin on their own frame; words alone are looked for from the first frame on that is wanted.
	if (concept?.examples?.length) firsts.push(concept.frame ?? from);
	else if (targets.length === 0) firsts.push(from);
	const first = Math.min(...firsts);
	const start = concept ? first : forwardStart(targets, from);
	const isPassed = to >= first;
	if (isPassed) yield* within(tracking.pass(start, to), from, to);
	// What the examples' own frame shows must have been seen, whichever way it goes on.
	const turn = isPassed ? first - 1 : first;
	if (from < first) yield* within(tracking.pass(turn, from, true), from, to);
}

async function* within(frames: AsyncIterable<TrackedFrame>, from: number, to: number) {
	for await (const frame of frames) if (frame.index >= from && frame.index <= to) yield frame;
}

class ClipTracking {
	readonly #tracker: VideoTracker;
	readonly #concept:
		{ readonly meaning: ClipConcept; readonly tracker: ConceptTracker<FrameFeatures> } | undefined;
	/** What was said, or is answered to that, on the keyframes: masks by the targets' ids. */
	readonly #known = new Map<number, Map<number, RunLengthMask>>();
	/** Masks of targets that wait until what was looked for on their frame is sure. */
	readonly #waiting = new Map<number, ReadonlyMap<number, RunLengthMask>>();

	constructor(
		private readonly parts: ClipTrackingParts,
		private readonly clip: TrackableClip,
		private readonly request: TrackRequest,
		private readonly signal?: AbortSignal
	) {
		const { model, options, detector } = parts;
		const { info } = clip;
		const { targets, concept, from = 0 } = request;
		this.#tracker = new VideoTracker(model, options, info.frames);
		if (!concept) return;
		const { config } = model;
		const kind = { detector, config, options: options.concepts, picture: pictureOf(info) };
		const meaning = new ClipConcept(kind, concept, concept.frame ?? from);
		const tracker = new ConceptTracker<FrameFeatures>({
			...{ config, options: options.concepts, size: this.#maskSize },
			detect: (features, frame) => meaning.find(features, frame, signal),
			objects: new VideoTracker(model, options, info.frames),
			firstId: Math.max(0, ...targets.map(({ id }) => id)) + 1
		});
		this.#concept = { meaning, tracker };
	}

	/** Looks at all keyframes, and at the examples where they are to be known before other frames. */
	async learn(): Promise<void> {
		const { targets, concept, from = 0 } = this.request;
		const meaning = this.#concept?.meaning;
		if (meaning?.learnsFirst) {
			const features = await this.#encode(concept?.frame ?? from, { tracker: false });
			await meaning.learn(features).finally(() => features.dispose());
		}
		const numbers = targets.flatMap(({ keyframes }) => keyframes.map(({ frame }) => frame));
		for (const index of new Set(numbers.sort((a, b) => a - b))) {
			const features = await this.#encode(index, { detector: false });
			try {
				const known = new Map<number, RunLengthMask>();
				for (const { id, keyframes } of targets) {
					for (const keyframe of keyframes.filter(({ frame }) => frame === index))
						known.set(id, encodeMask(await this.#answer(id, keyframe, features)));
				}
				this.#known.set(index, known);
			} finally {
				features.dispose();
			}
		}
	}

	async #encode(index: number, halves: Halves): Promise<FrameFeatures> {
		const frame = await this.clip.frameAt(index, this.signal);
		if (!frame) throw modelError('keyframe-missing');
		return this.parts.encode(frame, halves);
	}

	/** Goes from one frame to another, forward or backward in time. */
	async *pass(first: number, last: number, reverse = false): AsyncGenerator<TrackedFrame, void, undefined> {
		const { clip, signal } = this;
		for await (const frame of framesBetween(clip, first, last, signal)) {
			signal?.throwIfAborted();
			yield* await this.#look(frame, reverse);
		}
		for (const found of this.#concept?.tracker.flush() ?? []) yield this.#joined(found);
	}

	/** @returns the frames that are ready: this one, or an earlier one, or none */
	async #look(frame: TimedFrame, reverse: boolean): Promise<TrackedFrame[]> {
		const concept = this.#concept?.tracker;
		const { index } = frame;
		const known = this.#known.get(index) ?? new Map<number, RunLengthMask>();
		const ids = this.#tracker.ids.filter((id) => !known.has(id));
		const masks = new Map([...known].map(([id, mask]) => [id, decodeMask(mask)]));
		if (!concept && ids.length === 0) return [{ index, masks }];
		const features = await this.parts.encode(frame, { detector: concept !== undefined });
		try {
			const tracked = ids.length > 0 ? await this.#tracker.track(features, index, { reverse, ids }) : [];
			for (const object of tracked) masks.set(object.id, this.#maskOf(object));
			if (!concept) return [{ index, masks }];
			this.#waiting.set(index, new Map([...masks].map(([id, mask]) => [id, encodeMask(mask)])));
			return (await concept.step(features, index, reverse)).map((found) => this.#joined(found));
		} finally {
			features.dispose();
		}
	}

	/** Tells the tracker what is known of a target on a frame. */
	async #answer(id: number, keyframe: TargetKeyframe, features: FrameFeatures): Promise<Mask> {
		const { frame, prompts, mask } = keyframe;
		if (mask && prompts.length === 0) {
			await this.#tracker.addMask(id, frame, features, mask);
			return mask;
		}
		const { info: picture } = this.clip;
		const said = { prompts, mask, picture };
		const answer = this.#maskOf(await this.#tracker.addPrompts(id, frame, features, said, this.signal));
		if (!mask && !answer.data.includes(255)) throw modelError('mask-empty');
		return answer;
	}

	/** What was found on a frame, beside the targets there. */
	#joined(found: ConceptFrame): TrackedFrame {
		const { frame: index } = found;
		const { info } = this.clip;
		const targets = [...(this.#waiting.get(index) ?? [])].map(
			([id, mask]) => [id, decodeMask(mask)] as const
		);
		this.#waiting.delete(index);
		return { index, masks: new Map([...targets, ...masksOf(found, this.#maskSize, pictureOf(info))]) };
	}

	#maskOf({ logits }: Tracked): Mask {
		const picture = pictureOf(this.clip.info);
		return { ...picture, data: resizeToMask(logits, this.#maskSize, picture) };
	}

	get #maskSize(): Size {
		const side = maskSide(this.parts.model);
		return { width: side, height: side };
	}
}

function pictureOf({ width, height }: Size): Size {
	return { width, height };
}
