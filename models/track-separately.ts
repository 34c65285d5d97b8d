import type { TimedFrame } from './clip.ts';
import { modelError } from './errors.ts';
import type { Frame, Mask } from './frame.ts';
import { Handoff } from './handoff.ts';
import { decodeMask, encodeMask, maskArea, type RunLengthMask } from './mask.ts';
import { firstKeyframe, forwardStart, framesBetween } from './passes.ts';
import type { Segmenter, TrackableClip, TrackedFrame, TrackRequest } from './segmenter.ts';

type Target = TrackRequest['targets'][number];
/** Masks by the targets' ids. */
type Masks = TrackedFrame['masks'];

export interface SeparateTracking {
	readonly clip: TrackableClip;
	readonly segmenter: Segmenter;
	readonly request: Pick<TrackRequest, 'targets' | 'from' | 'to'>;
	readonly signal?: AbortSignal;
}

/**
 * Follows several targets with a segmenter that knows one target and one seed at a time: each from keyframe to keyframe, and backward
 * from its first one. All share the frames, which are decoded once in each direction. Masks leave as they are made, but for those that
 * a target gets backward between the first keyframe of all and its own: these wait, as run lengths.
 * @throws CodedError `mask-empty` when nothing is found where a keyframe's prompts say, `clip-damaged`
 */
export async function* trackSeparately(
	tracking: SeparateTracking
): AsyncGenerator<TrackedFrame, void, undefined> {
	const { clip, request, signal } = tracking;
	const { targets, from = 0, to = clip.info.frames - 1 } = request;
	const firsts = targets.map(firstKeyframe);
	const first = Math.min(...firsts);
	const last = Math.max(...firsts);
	const seeds = new Seeds(tracking);
	const backward = follow(
		tracking,
		seeds,
		framesBetween(clip, last, Math.min(from, last), signal),
		(target, index) => index === firstKeyframe(target)
	);
	try {
		const late = new Map<number, ReadonlyMap<number, RunLengthMask>>();
		for (let index = last; index > Math.max(first, from) && to >= first;) {
			const { value } = await backward.next();
			if (!value) break;
			index = value.index;
			if (index <= to) late.set(index, mapValues(value.masks, encodeMask));
		}
		const start = forwardStart(targets, from);
		if (to >= first) {
			const forward = follow(tracking, seeds, framesBetween(clip, start, to, signal), (target, index) =>
				target.keyframes.some(({ frame }) => frame === index)
			);
			for await (const { index, masks } of forward) {
				const waiting = mapValues(late.get(index) ?? new Map<number, RunLengthMask>(), decodeMask);
				late.delete(index);
				if (index >= from) yield { index, masks: new Map([...waiting, ...masks]) };
			}
		}
		if (from >= first) return;
		for await (const { index, masks } of backward) {
			if (index < first && index <= to) yield { index, masks };
		}
	} finally {
		await backward.return();
	}
}

/**
 * Follows the targets through frames.
 * @param starts tells whether a target starts, or starts anew, from its keyframe on a frame
 */
async function* follow(
	{ segmenter, request, signal }: SeparateTracking,
	seeds: Seeds,
	frames: AsyncIterable<TimedFrame>,
	starts: (target: Target, index: number) => boolean
): AsyncGenerator<TrackedFrame, void, undefined> {
	const followers = new Map(request.targets.map(({ id }) => [id, new Follower(segmenter, signal)]));
	try {
		for await (const frame of frames) {
			const { index } = frame;
			signal?.throwIfAborted();
			const starting = request.targets.filter((target) => starts(target, index));
			const known: Masks = starting.length > 0 ? await seeds.of(frame) : new Map();
			const masks = new Map<number, Mask>();
			for (const target of request.targets) {
				const follower = followers.get(target.id)!;
				const mask = starting.includes(target)
					? await follower.start(frame, known.get(target.id)!)
					: await follower.next(frame);
				if (mask) masks.set(target.id, mask);
			}
			yield { index, masks };
		}
	} finally {
		for (const follower of followers.values()) await follower.end();
	}
}

/** One target on its way, given frame after frame. */
class Follower {
	#frames: Handoff<Frame> | undefined;
	#masks: AsyncIterator<Mask> | undefined;

	constructor(
		private readonly segmenter: Segmenter,
		private readonly signal?: AbortSignal
	) {}

	/** Starts from a frame and its mask, whatever was before. */
	async start(frame: Frame, mask: Mask): Promise<Mask> {
		await this.end();
		this.#frames = new Handoff<Frame>();
		this.#masks = this.segmenter.track({ frame, mask }, this.#frames, this.signal)[Symbol.asyncIterator]();
		return mask;
	}

	/** The mask on the next frame; undefined when the target has not started. */
	async next(frame: Frame): Promise<Mask | undefined> {
		void this.#frames?.send(frame);
		return (await this.#masks?.next())?.value;
	}

	async end(): Promise<void> {
		this.#frames?.end();
		await this.#masks?.return?.();
	}
}

/** The masks on the keyframes: those that were given, and those that are made from prompts, once each. */
class Seeds {
	readonly #made = new Map<number, ReadonlyMap<number, RunLengthMask>>();

	constructor(private readonly tracking: SeparateTracking) {}

	/** The masks of the targets that have a keyframe on a frame. */
	async of(frame: TimedFrame): Promise<Masks> {
		const made = this.#made.get(frame.index) ?? (await this.#make(frame));
		this.#made.set(frame.index, made);
		return mapValues(made, decodeMask);
	}

	async #make(frame: TimedFrame): Promise<ReadonlyMap<number, RunLengthMask>> {
		const { segmenter, request, signal } = this.tracking;
		const keyframes = request.targets.flatMap(({ id, keyframes }) =>
			keyframes.filter((keyframe) => keyframe.frame === frame.index).map((keyframe) => ({ id, ...keyframe }))
		);
		const made = new Map<number, RunLengthMask>();
		const isAsked = keyframes.some(({ prompts }) => prompts.length > 0);
		const encoded = isAsked ? await segmenter.encode(frame, signal) : undefined;
		try {
			for (const { id, prompts, mask } of keyframes) {
				const found = prompts.length > 0 ? (await encoded!.segment(prompts, signal, mask))[0]?.mask : mask;
				const seed = found && encodeMask(found);
				if (!seed || maskArea(seed) === 0) throw modelError('mask-empty');
				made.set(id, seed);
			}
		} finally {
			encoded?.dispose();
		}
		return made;
	}
}

function mapValues<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V) => W): Map<K, W> {
	return new Map([...map].map(([key, value]) => [key, change(value)]));
}
