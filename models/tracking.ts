import { bounded } from './bounded.ts';
import type { Clip, TimedFrame } from './clip.ts';
import { modelError } from './errors.ts';
import { emptyPlane, sameSize, type Mask, type Size } from './frame.ts';
import { decodeMask, encodeMask, fitMask, requireFit, resampleMask, type RunLengthMask } from './mask.ts';
import type { Matter, MatterInput } from './matter.ts';
import type { Meter } from './meter.ts';
import { parseAlpha, unpackAlpha } from './packed-alpha.ts';
import { isEmptyOnItsWay, openMask, packMask, unpackMask, type TravellingMask } from './packed-mask.ts';
import { framesBetween } from './passes.ts';
import type { Segmenter, TargetKeyframe, TrackableClip } from './segmenter.ts';
import { trackClip } from './track-clip.ts';

/** Frames decoded ahead of the engine. */
const AHEAD = 3;

/** A mask that is known of a frame. There may be thousands: it is opened only while it is looked at. */
export interface KnownMask {
	/** Whether it shows nothing of the target. */
	readonly isEmpty: boolean;
	/**
	 * Of the size of the clip's frames.
	 * @throws RangeError, DOMException when it was packed, but is damaged
	 */
	open(): RunLengthMask;
	/**
	 * The same with its soft edge, where that is known.
	 * @throws Error when it is damaged
	 */
	soft?(): Promise<Mask>;
}

/** The masks that are known, by the number of their frame, in order. */
export type Keyframes = ReadonlyMap<number, KnownMask>;

/** A mask that is known, and the time of its frame in seconds after the clip's first. */
export interface Keyframe {
	readonly time: number;
	readonly mask: TravellingMask;
	/** The same with its soft edge, as `alphaText` packs it. */
	readonly soft?: string;
}

/**
 * Finds the frames that the keyframes belong to.
 * @param masks what the engine needs: one that needs a mask for every frame takes empty masks, too, where the target is not seen
 * @throws CodedError `keyframe-missing` when there is none, or one lies behind the clip's end; `mask-size`; `mask-empty` when none that is
 * needed shows anything
 */
export function findKeyframes(
	keyframes: readonly Keyframe[],
	clip: Pick<Clip, 'info' | 'indexAt'>,
	masks: Matter['masks'] = 'keyframes'
): Keyframes {
	const { info } = clip;
	const { num, den } = info.pixelAspect ?? { num: 1, den: 1 };
	const found = keyframes.map(({ time, mask, soft }): readonly [number, KnownMask] => {
		const index = clip.indexAt(time);
		if (index === undefined) throw modelError('keyframe-missing');
		requireFit(mask, info, num / den);
		return [
			index,
			{
				isEmpty: isEmptyOnItsWay(mask),
				open: () => fitMask(openMask(mask), info, num / den),
				soft: soft === undefined ? undefined : () => openSoft(soft, mask, info)
			}
		];
	});
	if (found.length === 0) throw modelError('keyframe-missing');
	const empty = found.filter(([, mask]) => mask.isEmpty);
	if (empty.length > (masks === 'every-frame' ? found.length - 1 : 0)) throw modelError('mask-empty');
	return new Map(found.sort(([a], [b]) => a - b));
}

async function openSoft(text: string, size: Size, frame: Size): Promise<Mask> {
	const soft = await unpackAlpha(parseAlpha(text, size));
	return sameSize(size, frame) ? soft : resampleMask(soft, frame);
}

/** With its soft edge, where that is known. */
async function maskOf(known: KnownMask): Promise<Mask> {
	return (await known.soft?.()) ?? decodeMask(known.open());
}

/** Keeps a mask in few bytes. */
export function keepMask(mask: RunLengthMask): KnownMask {
	const packed = packMask(mask);
	return { isEmpty: packed.isEmpty, open: () => unpackMask(packed) };
}

/** The target's id where there is only one. */
const TARGET = 1;

/** Follows the target through a whole clip, for a matter that needs a mask for every frame. */
export class ClipTracker<F extends TimedFrame> {
	readonly #first: number;

	constructor(
		private readonly clip: Clip<F>,
		private readonly keyframes: Keyframes,
		/** Absent only where every frame's mask is known. */
		private readonly segmenter: Segmenter | undefined,
		private readonly meter: Meter,
		private readonly signal?: AbortSignal
	) {
		this.#first = keyframes.keys().next().value!;
	}

	/** How many frames lie before the first keyframe. */
	get framesBefore(): number {
		return this.#first;
	}

	/**
	 * Tracks backward from the first keyframe to the clip's start.
	 * @param onDone called with the number of frames that have their mask
	 * @returns the masks of the frames before the first keyframe, in order
	 */
	async trackBackward(onDone: (frames: number) => void): Promise<RunLengthMask[]> {
		const masks: RunLengthMask[] = [];
		if (this.#first === 0) return masks;
		for await (const [, mask] of this.#track({ from: 0, to: this.#first - 1 })) {
			masks.push(encodeMask(mask));
			onDone(masks.length);
		}
		return masks.reverse();
	}

	/**
	 * Tracks all frames whose masks are not known.
	 * @param onDone called with the number of frames that were looked at, of `framesUnknown`
	 * @returns a mask for every frame; those that were known are left as they are
	 * @throws CodedError `clip-damaged` when a frame is missing
	 */
	async trackAll(onDone: (frames: number) => void): Promise<Keyframes> {
		const masks = new Map(this.keyframes);
		let done = 0;
		for (const range of this.#unknown()) {
			for await (const [index, mask] of this.#track(range)) {
				if (!masks.has(index)) masks.set(index, keepMask(encodeMask(mask)));
				onDone(++done);
			}
		}
		const all = Array.from({ length: this.clip.info.frames }, (_, index) => {
			const mask = masks.get(index);
			if (!mask) throw modelError('clip-damaged', { frame: index });
			return [index, mask] as const;
		});
		return new Map(all);
	}

	/** How many frames `trackAll` has to look at. */
	get framesUnknown(): number {
		return this.#unknown().reduce((sum, { from, to }) => sum + to - from + 1, 0);
	}

	/**
	 * All frames with their masks, in order: those before the first keyframe with the masks given, the others tracked as they are asked
	 * for. The keyframes' own masks stay as they are; where they follow each other, nothing is tracked.
	 */
	async *inputs(before: readonly RunLengthMask[]): AsyncGenerator<MatterInput<F>> {
		if (this.#first > 0) {
			for await (const frame of bounded(this.clip.frames({ signal: this.signal }), AHEAD)) {
				if (frame.index >= this.#first) break;
				const mask = before[frame.index];
				if (!mask) throw modelError('clip-damaged', { frame: frame.index });
				yield { frame, mask: decodeMask(mask) };
			}
		}
		for (const { from, to, isKnown } of this.#stretches())
			yield* isKnown ? this.#known(from, to) : this.#tracked(from, to);
	}

	#unknown(): { from: number; to: number }[] {
		const before = this.#first > 0 ? [{ from: 0, to: this.#first - 1 }] : [];
		return [...before, ...this.#stretches().filter(({ isKnown }) => !isKnown)];
	}

	/** What follows the first keyframe: frames whose masks are known one after the other, and in turn the rest. */
	#stretches(): { from: number; to: number; isKnown: boolean }[] {
		const stretches: { from: number; to: number; isKnown: boolean }[] = [];
		const { keyframes } = this;
		const { frames } = this.clip.info;
		const isKnown = (index: number) =>
			keyframes.size === frames ||
			(keyframes.has(index) && (keyframes.has(index - 1) || keyframes.has(index + 1)));
		for (let index = this.#first; index < frames; index++) {
			const last = stretches.at(-1);
			if (last?.isKnown === isKnown(index)) last.to = index;
			else stretches.push({ from: index, to: index, isKnown: isKnown(index) });
		}
		return stretches;
	}

	async *#known(from: number, to: number): AsyncGenerator<MatterInput<F>> {
		for await (const frame of framesBetween(this.clip, from, to, this.signal))
			yield { frame, mask: await maskOf(this.keyframes.get(frame.index)!) };
	}

	async *#tracked(from: number, to: number): AsyncGenerator<MatterInput<F>> {
		// The frames that were tracked, on their way to the matter.
		const passed: F[] = [];
		for await (const [index, tracked] of this.#track({ from, to }, (frame) => passed.push(frame))) {
			while (passed[0] && passed[0].index < index) passed.shift();
			const frame = passed.shift();
			if (frame?.index !== index) throw modelError('clip-damaged', { frame: index });
			const own = this.keyframes.get(index);
			yield { frame, mask: own ? await maskOf(own) : tracked };
		}
	}

	/** @param onFrame is given every frame that is read in order */
	async *#track(
		range: { readonly from: number; readonly to: number },
		onFrame: (frame: F) => void = () => {}
	): AsyncGenerator<readonly [index: number, mask: Mask]> {
		const { clip, meter, signal } = this;
		const segmenter = this.segmenter!;
		const source: TrackableClip = {
			info: clip.info,
			frameAt: (index, signal) => clip.frameAt(index, signal),
			frames: async function* (options) {
				for await (const frame of meter.source(clip.frames(options))) {
					onFrame(frame);
					yield frame;
				}
			},
			async *framesBackward(options) {
				yield* meter.source(clip.framesBackward(options));
			}
		};
		const targets = [{ id: TARGET, keyframes: this.#targetKeyframes() }];
		const tracked = trackClip({ clip: source, segmenter, request: { targets, ...range }, signal });
		for await (const { index, masks } of meter.output(tracked)) {
			yield [index, masks.get(TARGET) ?? emptyPlane(clip.info)];
		}
	}

	/** What tracking starts from: not those in the midst of others, which it would look at one by one for nothing. */
	#targetKeyframes(): TargetKeyframe[] {
		const seen = new Map([...this.keyframes].filter(([, mask]) => !mask.isEmpty));
		const seeds = [...seen].filter(([frame]) => !seen.has(frame - 1) || !seen.has(frame + 1));
		return seeds.map(([frame, mask]) => ({
			...{ frame, prompts: [] },
			// A whole mask has the size of a picture: it is there only while it is looked at.
			get mask() {
				return decodeMask(mask.open());
			}
		}));
	}
}
