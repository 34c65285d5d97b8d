import { bounded } from './bounded.ts';
import type { Clip, TimedFrame } from './clip.ts';
import { modelError } from './errors.ts';
import type { Mask } from './frame.ts';
import { decodeMask, encodeMask, fitMask, maskArea, type RunLengthMask } from './mask.ts';
import type { MatterInput } from './matter.ts';
import type { Meter } from './meter.ts';
import type { Segmenter } from './segmenter.ts';

/** Frames decoded ahead of the engine. */
const AHEAD = 3;

/** The masks that the user made, by the number of their frame, in order. */
export type Keyframes = ReadonlyMap<number, RunLengthMask>;

/** A mask that the user made, and the time of its frame in seconds after the clip's first. */
export interface Keyframe {
	readonly time: number;
	readonly mask: RunLengthMask;
}

/**
 * Finds the frames that the keyframes belong to.
 * @throws CodedError `keyframe-missing` when there is none, or one lies behind the clip's end; `mask-size`, `mask-empty`
 */
export function findKeyframes(
	keyframes: readonly Keyframe[],
	clip: Pick<Clip, 'info' | 'indexAt'>
): Keyframes {
	const { num, den } = clip.info.pixelAspect ?? { num: 1, den: 1 };
	const found = keyframes.map(({ time, mask }) => {
		const index = clip.indexAt(time);
		if (index === undefined) throw modelError('keyframe-missing');
		const fitted = fitMask(mask, clip.info, num / den);
		if (maskArea(fitted) === 0) throw modelError('mask-empty');
		return [index, fitted] as const;
	});
	if (found.length === 0) throw modelError('keyframe-missing');
	return new Map(found.sort(([a], [b]) => a - b));
}

/** Follows the target through a whole clip, for a matter that needs a mask for every frame. */
export class ClipTracker<F extends TimedFrame> {
	readonly #first: number;

	constructor(
		private readonly clip: Clip<F>,
		private readonly keyframes: Keyframes,
		private readonly segmenter: Segmenter,
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
		const seed = await this.clip.frameAt(this.#first, this.signal);
		if (!seed) throw modelError('keyframe-missing');
		const frames = bounded(this.clip.framesBackward({ before: seed.time, signal: this.signal }), AHEAD);
		for await (const mask of this.#track(seed, frames)) {
			masks.push(encodeMask(mask));
			onDone(masks.length);
		}
		return masks.reverse();
	}

	/**
	 * All frames with their masks, in order: those before the first keyframe with the masks given; from each keyframe to the next
	 * they are tracked as they are asked for. The keyframes' own masks stay as they are.
	 */
	async *inputs(before: readonly RunLengthMask[]): AsyncGenerator<MatterInput<F>> {
		const frames = bounded(this.clip.frames({ signal: this.signal }), AHEAD);
		let frame = await next(frames);
		try {
			for (; frame && !this.keyframes.has(frame.index); frame = await next(frames)) {
				const mask = before[frame.index];
				if (!mask) throw modelError('clip-damaged', { frame: frame.index });
				yield { frame, mask: decodeMask(mask) };
			}
			while (frame) {
				const seed: F = frame;
				frame = undefined;
				const mask = decodeMask(this.keyframes.get(seed.index)!);
				yield { frame: seed, mask };
				const passed: F[] = [];
				const untilKeyframe = async function* (keyframes: Keyframes) {
					for (let item = await next(frames); item; item = await next(frames)) {
						if (keyframes.has(item.index)) {
							frame = item;
							return;
						}
						passed.push(item);
						yield item;
					}
				};
				for await (const tracked of this.#track(seed, untilKeyframe(this.keyframes), mask)) {
					yield { frame: passed.shift()!, mask: tracked };
				}
			}
		} finally {
			await frames.return();
		}
	}

	#track(
		seed: TimedFrame,
		frames: AsyncIterable<TimedFrame>,
		mask = decodeMask(this.keyframes.get(seed.index)!)
	) {
		const { segmenter, meter, signal } = this;
		return meter.output<Mask>(segmenter.track({ frame: seed, mask }, meter.source(frames), signal));
	}
}

async function next<T>(items: AsyncGenerator<T, void, undefined>): Promise<T | undefined> {
	const { value, done } = await items.next();
	return done ? undefined : (value as T);
}
