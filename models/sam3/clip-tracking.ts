import type { TimedFrame } from '../clip.ts';
import { modelError } from '../errors.ts';
import type { Frame, Mask, Size } from '../frame.ts';
import { decodeMask, encodeMask, resampleMask, type RunLengthMask } from '../mask.ts';
import { framesBetween } from '../passes.ts';
import type { TargetKeyframe, TrackableClip, TrackedFrame, TrackRequest } from '../segmenter.ts';
import { ClipConcept } from './clip-concept.ts';
import { Course, saidOn } from './clip-course.ts';
import { masksOf } from './concept-masks.ts';
import { ConceptTracker, type ConceptFrame } from './concept-tracker.ts';
import { maskSide, type TrackerModel } from './decode.ts';
import type { ConceptDetector } from './detect.ts';
import type { FrameFeatures, Halves } from './features.ts';
import type { Sam3Options } from './options.ts';
import { regionOf, resizeToMask, type Region } from './regions.ts';
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
	const { from = 0, to = clip.info.frames - 1 } = request;
	const tracking = new ClipTracking(parts, clip, request, signal);
	await tracking.learn();
	for await (const frame of tracking.run()) if (frame.index >= from && frame.index <= to) yield frame;
}

class ClipTracking {
	readonly #course: Course;
	readonly #tracker: VideoTracker;
	readonly #concept:
		{ readonly meaning: ClipConcept; readonly tracker: ConceptTracker<FrameFeatures> } | undefined;
	/** What is known up front of the targets on their keyframes: masks by the targets' ids. */
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
		this.#course = new Course(request, info.frames, keyframesInView(parts));
		this.#tracker = new VideoTracker(model, options, info.frames);
		if (!concept) return;
		const { config } = model;
		const kind = { detector, config, options: options.concepts, picture: pictureOf(info) };
		const meaning = new ClipConcept(kind, concept, concept.frame ?? from);
		const tracker = new ConceptTracker<FrameFeatures>({
			...{ config, options: options.concepts, size: this.#maskSize },
			detect: (features, frame, signal) => meaning.find(features, frame, this.#taken(frame), signal),
			objects: new VideoTracker(model, options, info.frames),
			firstId: Math.max(0, ...targets.map(({ id }) => id)) + 1
		});
		this.#concept = { meaning, tracker };
	}

	/** Looks at what is known up front: targets on keyframes, and examples where they are to be known before other frames. */
	async learn(): Promise<void> {
		const { concept, from = 0 } = this.request;
		const meaning = this.#concept?.meaning;
		if (meaning?.learnsFirst) {
			const features = await this.#encode(concept?.frame ?? from, { tracker: false });
			await meaning.learn(features).finally(() => features.dispose());
		}
		const { known } = this.#course;
		const numbers = known.flatMap(({ keyframes }) => keyframes.map(({ frame }) => frame));
		for (const index of new Set(numbers.sort((a, b) => a - b))) {
			const features = await this.#encode(index, { detector: false });
			try {
				const masks = new Map<number, RunLengthMask>();
				for (const { id, keyframe } of saidOn(index, known)) {
					this.signal?.throwIfAborted();
					masks.set(id, encodeMask(await this.#answer(id, keyframe, features)));
				}
				this.#known.set(index, masks);
			} finally {
				features.dispose();
			}
		}
	}

	/** Goes through the clip: forward in time to the end, then backward from where that began to count. */
	async *run(): AsyncGenerator<TrackedFrame, void, undefined> {
		const { from = 0 } = this.request;
		const { begin, end, start } = this.#course;
		if (begin <= end) yield* this.#pass(begin, end, false);
		if (from < start) yield* this.#pass(start - 1, from, true);
	}

	async *#pass(first: number, last: number, reverse: boolean): AsyncGenerator<TrackedFrame, void, undefined> {
		const { clip, signal } = this;
		for await (const frame of framesBetween(clip, first, last, signal))
			yield* await this.#look(frame, reverse);
		for (const found of this.#concept?.tracker.flush() ?? []) yield this.#joined(found);
	}

	async #encode(index: number, halves: Halves): Promise<FrameFeatures> {
		const { clip, parts, signal } = this;
		signal?.throwIfAborted();
		const frame = await clip.frameAt(index, signal);
		if (!frame) throw modelError('keyframe-missing');
		signal?.throwIfAborted();
		return parts.encode(frame, halves);
	}

	/** @returns the frames that are ready: this one, or an earlier one, or none */
	async #look(frame: TimedFrame, reverse: boolean): Promise<TrackedFrame[]> {
		const { index } = frame;
		const { signal } = this;
		signal?.throwIfAborted();
		const concept = this.#concept?.tracker;
		const looks = concept !== undefined && this.#course.looks(index, reverse);
		const follows = this.#course.follows(index, reverse);
		const known = this.#known.get(index);
		const ids = follows ? this.#tracker.ids.filter((id) => !known?.has(id)) : [];
		const features =
			looks || ids.length > 0 ? await this.parts.encode(frame, { detector: looks }) : undefined;
		try {
			const masks = new Map([...(known ?? [])].map(([id, mask]) => [id, decodeMask(mask)]));
			if (features && ids.length > 0)
				for (const [id, mask] of await this.#follow(features, index, ids, reverse)) masks.set(id, mask);
			if (!concept) return [{ index, masks }];
			// What is followed before the examples' frame waits for the way back.
			if (follows && (looks || (!reverse && index >= (this.request.from ?? 0))))
				this.#waiting.set(index, new Map([...masks].map(([id, mask]) => [id, encodeMask(mask)])));
			if (!features || !looks) return [];
			const ready = await concept.step(features, index, { reverse, signal });
			return ready.map((found) => this.#joined(found));
		} finally {
			features?.dispose();
		}
	}

	/** Finds targets on a frame, and corrects there what is to be corrected. */
	async #follow(
		features: FrameFeatures,
		index: number,
		ids: readonly number[],
		reverse: boolean
	): Promise<Map<number, Mask>> {
		const { signal } = this;
		const tracked = await this.#tracker.track(features, index, { reverse, ids, signal });
		const masks = new Map(tracked.map((object) => [object.id, this.#maskOf(object)]));
		for (const { id, keyframe } of saidOn(index, this.#course.corrections)) {
			const said = { prompts: keyframe.prompts, picture: pictureOf(this.clip.info) };
			masks.set(id, this.#maskOf(await this.#tracker.addPrompts(id, index, features, said, signal)));
		}
		return masks;
	}

	/** Where targets are on a frame, as the detector sees it. */
	#taken(index: number): Region[] {
		return [...(this.#waiting.get(index)?.values() ?? [])].map((mask) =>
			regionOf(resampleMask(decodeMask(mask), this.#maskSize).data, 127)
		);
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

/** How many of a target's keyframes count on a frame, the nearest. */
function keyframesInView({ model: { config }, options: { tracking } }: ClipTrackingParts): number {
	const { max_cond_frame_num: most } = config.tracker_config;
	const isNearest = tracking.memory === 'seen' && tracking.pointers === 'nearest' && most > 0;
	return isNearest ? most : Infinity;
}

function pictureOf({ width, height }: Size): Size {
	return { width, height };
}
