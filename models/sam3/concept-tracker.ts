import type { Mask, Size } from '../frame.ts';
import { associate, UNASKED, type Association } from './association.ts';
import type { Sam3Config } from './config.ts';
import type { Found as Detected } from './detect.ts';
import { Hotstart } from './hotstart.ts';
import { Occlusions } from './occlusion.ts';
import type { ConceptOptions } from './options.ts';
import { fillHoles, regionOf, resizeToMask, withoutOverlaps, type Region } from './regions.ts';

/** One thing that was found on a frame by itself. */
export type Found = Pick<Detected, 'score' | 'logits'>;

/** Where the tracker believes an object to be. */
export interface Prediction {
	readonly id: number;
	/** Of the mask, row by row. */
	readonly logits: Float32Array;
	/** Of being in sight, a logit. */
	readonly score: number;
}

/** What is to be remembered of an object on a frame. */
export interface MemoryEntry extends Prediction {
	/** The mask is cut at 0 before it is encoded. */
	readonly binarise: boolean;
	/** The frame counts as one whose mask is known. */
	readonly conditioning: boolean;
}

/** How a frame is come to, and what stops the work on it between objects. */
export interface Travel {
	/** Whether frames come newest first. */
	readonly reverse?: boolean;
	readonly signal?: AbortSignal;
}

/** Objects that are followed by what is remembered of them. `Features` are a frame's, whatever they are to those who use them. */
export interface TrackedObjects<Features> {
	/** Predicts all objects on a frame, in the order in which they were added, and remembers nothing yet. */
	propagate(features: Features, frame: number, travel: Travel): Promise<readonly Prediction[]>;
	/** Remembers the frame that was predicted last, by these masks and scores. */
	remember(
		features: Features,
		frame: number,
		entries: readonly MemoryEntry[],
		signal?: AbortSignal
	): Promise<void>;
	/** Begins to follow objects from their masks (of the frame as the network sees it, stretched to a square). */
	add(
		features: Features,
		frame: number,
		objects: readonly { readonly id: number; readonly mask: Mask }[],
		signal?: AbortSignal
	): Promise<void>;
	remove(id: number): void;
}

/** One object on a frame. */
export interface ConceptObject {
	readonly id: number;
	/** How sure it was when it was first detected, 0 to 1. */
	readonly score: number;
	/** How sure the tracker is that it is in sight, 0 to 1; where it was first detected, the same as `score`. */
	readonly presence: number;
	/** Of the mask, row by row; nowhere above 0 where the object is out of sight. */
	readonly logits: Float32Array;
}

/** The objects on a frame; none where nothing was found. */
export interface ConceptFrame {
	readonly frame: number;
	readonly objects: readonly ConceptObject[];
}

export interface ConceptTrackerParts<Features> {
	readonly config: Sam3Config;
	readonly options: ConceptOptions;
	/** Of the logits. */
	readonly size: Size;
	/** Finds the things that are meant, each once; undefined where nothing is looked for. */
	readonly detect: (
		features: Features,
		frame: number,
		signal?: AbortSignal
	) => Promise<readonly Found[] | undefined>;
	readonly objects: TrackedObjects<Features>;
	/** The id of the first object that is found; the others follow. */
	readonly firstId: number;
}

/** An object on the frame at hand. */
interface Track extends Prediction {
	readonly region: Region;
}

/** A detection of the frame at hand. */
interface Detection extends Found {
	readonly region: Region;
}

/**
 * Finds everything of a kind on every frame, and follows it: detections open and confirm objects, the tracker carries them
 * (`_det_track_one_frame` of facebookresearch/sam3, sam3/model/sam3_video_base.py, and huggingface/transformers, models/sam3_video).
 */
export class ConceptTracker<Features> {
	readonly #parts: ConceptTrackerParts<Features>;
	readonly #hotstart: Hotstart;
	readonly #occlusions: Occlusions;
	/** How sure each object was when it was first detected. */
	readonly #scores = new Map<number, number>();
	#nextId: number;
	/** Answers that wait until none of their objects is young. */
	#held: ConceptFrame[] = [];

	constructor(parts: ConceptTrackerParts<Features>) {
		this.#parts = parts;
		this.#hotstart = new Hotstart(parts.config);
		this.#occlusions = new Occlusions(parts.config.suppress_overlapping_based_on_recent_occlusion_threshold);
		this.#nextId = parts.firstId;
	}

	/**
	 * Takes the next frame.
	 * @param frame its number
	 * @returns the answers that are ready: this frame's, an earlier one's, or none yet
	 * @throws the signal's reason when it was aborted
	 */
	async step(features: Features, frame: number, travel: Travel = {}): Promise<ConceptFrame[]> {
		const { reverse = false, signal } = travel;
		const { config, options, objects } = this.#parts;
		const found = await this.#detect(features, frame, signal);
		const detections = found ?? [];
		const predictions = await objects.propagate(features, frame, travel);
		const tracks = predictions.map((prediction) => this.#clean(prediction));

		// Where nothing was looked for, that no detection confirms an object says nothing.
		const association = found ? associate(found, tracks, config) : UNASKED;
		const births = this.#admit(association, detections, tracks.length);
		const { removed, hidden } = options.hotstart
			? this.#hotstart.update(frame, [...births.keys()], association, reverse)
			: NOBODY;

		const known = this.#recondition(frame, tracks, association, detections);
		const covered = this.#occlusions.suppress(frame, tracks, reverse);
		const visible = tracks.map((track) => (covered.has(track.id) ? blank(track) : track));

		const rewrite = births.size > 0 && options.birthsRewriteMemory;
		const memories = memoriesOf(visible, known, config)
			.map((memory, index) =>
				rewrite && !memory.conditioning ? { ...memory, ...predictions[index]!, binarise: true } : memory
			)
			.filter(({ id }) => !removed.has(id));
		if (memories.length > 0) await objects.remember(features, frame, memories, signal);
		await this.#begin(features, frame, births, signal);
		for (const id of removed) this.#end(id);

		const answers = [
			...visible.map((track) => this.#answer(track, known.get(track.id))),
			...[...births].map(([id, { score, logits }]) => ({
				id,
				score,
				presence: score,
				logits: this.#fill(logits)
			}))
		];
		return this.#hold({ frame, objects: answers.filter(({ id }) => !hidden.has(id)) });
	}

	/** The answers that still wait, when no frame follows, or frames in the other direction do. */
	flush(): ConceptFrame[] {
		return this.#held.splice(0).map((answer) => this.#withoutRemoved(answer));
	}

	async #detect(features: Features, frame: number, signal?: AbortSignal): Promise<Detection[] | undefined> {
		const found = await this.#parts.detect(features, frame, signal);
		return found?.map((thing) => ({ ...thing, region: regionOf(thing.logits) }));
	}

	#clean(prediction: Prediction): Track {
		const logits = this.#fill(prediction.logits);
		return { ...prediction, logits, region: regionOf(logits) };
	}

	#fill(logits: Float32Array): Float32Array {
		return fillHoles(logits, this.#parts.size, this.#parts.config.fill_hole_area);
	}

	/** Gives ids to detections that are new; where there are too many, to the surest. */
	#admit({ fresh }: Association, detections: readonly Detection[], followed: number): Map<number, Detection> {
		const room = Math.max(this.#parts.config.max_num_objects - followed, 0);
		const found = fresh.map((index) => detections[index]!);
		const admitted = found.length > room ? found.sort((a, b) => b.score - a.score).slice(0, room) : found;
		return new Map(admitted.map((detection) => [this.#nextId++, detection]));
	}

	/** Every so many frames, the objects whose mask counts as known, since detector and tracker agree on it; with their detections. */
	#recondition(
		frame: number,
		tracks: readonly Track[],
		{ confirmed }: Association,
		detections: readonly Detection[]
	): Map<number, Detection> {
		const { recondition_every_nth_frame, high_conf_thresh } = this.#parts.config;
		const known = new Map<number, Detection>();
		if (recondition_every_nth_frame <= 0 || frame % recondition_every_nth_frame !== 0) return known;
		for (const { id, score } of tracks) {
			const index = confirmed.get(id);
			// The score is a logit, yet compared with a probability, as both sources do.
			if (index !== undefined && score > high_conf_thresh) known.set(id, detections[index]!);
		}
		return known;
	}

	async #begin(
		features: Features,
		frame: number,
		births: ReadonlyMap<number, Detection>,
		signal?: AbortSignal
	): Promise<void> {
		if (births.size === 0) return;
		const { objects, options, size } = this.#parts;
		const added = [...births].map(([id, { score, logits }]) => {
			this.#scores.set(id, score);
			return { id, mask: firstMask(logits, size, options.firstMask) };
		});
		await objects.add(features, frame, added, signal);
	}

	#end(id: number): void {
		this.#parts.objects.remove(id);
		this.#occlusions.forget(id);
	}

	#answer({ id, score, logits }: Track, known: Detection | undefined): ConceptObject {
		const presence = 1 / (1 + Math.exp(-score));
		return { id, score: this.#scores.get(id)!, presence, logits: known?.logits ?? logits };
	}

	/** Keeps an answer back as long as its objects may still be taken away. */
	#hold(answer: ConceptFrame): ConceptFrame[] {
		const delay = this.#parts.options.hotstart ? this.#parts.config.hotstart_delay : 0;
		this.#held.push(answer);
		return this.#held.length >= delay ? [this.#withoutRemoved(this.#held.shift()!)] : [];
	}

	#withoutRemoved({ frame, objects }: ConceptFrame): ConceptFrame {
		return { frame, objects: objects.filter(({ id }) => !this.#hotstart.removed.has(id)) };
	}
}

const NOBODY = { removed: new Set<number>(), hidden: new Set<number>() };

/** Below this no pixel is the object's. */
const ABSENT = -10;
/** Where the others leave an object less of its area, it counts as out of sight. */
const LEAST_SHARE = 0.3;

function blank(track: Track): Track {
	const logits = new Float32Array(track.logits.length).fill(ABSENT);
	return { ...track, logits, region: regionOf(logits) };
}

/**
 * What to remember of the objects: their masks, without those that lie mostly under others, and whether there is one as the score, ±10
 * (`_tracker_update_memories`).
 * @param known detections of objects whose mask counts as known
 */
function memoriesOf(
	tracks: readonly Track[],
	known: ReadonlyMap<number, Detection>,
	{ recondition_on_trk_masks }: Sam3Config
): MemoryEntry[] {
	const masks = tracks.map(({ id, logits }) => {
		const detection = recondition_on_trk_masks ? undefined : known.get(id);
		return detection ? detection.logits.map((logit) => (logit >= 0.5 ? 1 : 0)) : logits;
	});
	const own = withoutOverlaps(masks).map((mask) => regionOf(mask).area);
	const alone = tracks.length === 1;
	return tracks.map(({ id }, index) => {
		const mask = masks[index]!;
		const { area } = regionOf(mask);
		const kept = alone || own[index]! >= LEAST_SHARE * Math.max(area, 1);
		return {
			id,
			logits: kept ? mask : mask.map((logit) => Math.min(logit, ABSENT)),
			score: kept && area > 0 ? 10 : -10,
			binarise: false,
			conditioning: known.has(id)
		};
	});
}

/** The mask of a detection, for the tracker to begin with. */
function firstMask(logits: Float32Array, size: Size, how: ConceptOptions['firstMask']): Mask {
	if (how === 'coarse')
		return { ...size, data: Uint8Array.from(logits, (logit) => (logit >= 0.5 ? 255 : 0)) };
	const enlarged = { width: 4 * size.width, height: 4 * size.height };
	return { ...enlarged, data: resizeToMask(logits, size, enlarged) };
}
