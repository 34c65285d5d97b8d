import type { Mask } from '../../models/frame.ts';
import { decodeMask, encodeMask, type RunLengthMask } from '../../models/mask.ts';
import type { Segmenter } from '../../models/segmenter.ts';
import { bounded, type ClipReader, type TimedFrame } from '../media/index.ts';
import { appError } from '../protocol/errors.ts';
import type { Keyframe } from '../protocol/schema.ts';
import type { Meter } from './meter.ts';

/** Frames decoded ahead of the tracker. */
const AHEAD = 3;

export interface TrackOptions {
	readonly clip: ClipReader;
	readonly keyframes: readonly Keyframe[];
	readonly segmenter: Segmenter;
	readonly meter: Meter;
	/** Called with the number of frames that have their mask. */
	readonly onDone: (frames: number) => void;
	readonly signal?: AbortSignal;
}

/**
 * Follows the target from its keyframes through the whole clip: backward from the first keyframe, forward from each keyframe to the
 * next. The keyframes' own masks stay as they are.
 * @returns one mask for every frame, in order
 * @throws CodedError `keyframe-missing` when a keyframe lies behind the clip's end
 */
export async function trackClip(options: TrackOptions): Promise<RunLengthMask[]> {
	const { clip, segmenter, meter, signal } = options;
	const keyframes = options.keyframes.toSorted((a, b) => a.time - b.time);
	const first = keyframes[0];
	if (!first) throw appError('keyframe-missing');

	const forward: RunLengthMask[] = [];
	const backward: RunLengthMask[] = [];
	const keep = (masks: RunLengthMask[], mask: Mask) => {
		masks.push(encodeMask(mask));
		options.onDone(forward.length + backward.length);
	};
	const track = (seed: TimedFrame, mask: Mask, frames: AsyncIterable<TimedFrame>) =>
		meter.output(segmenter.track({ frame: seed, mask }, meter.source(frames), signal));

	let firstSeed: TimedFrame | undefined;
	const frames = new Lookahead(bounded(clip.frames({ from: first.time, signal }), AHEAD));
	try {
		for (const [index, keyframe] of keyframes.entries()) {
			const seed = await frames.next();
			if (!seed) throw appError('keyframe-missing');
			firstSeed ??= seed;
			const mask = decodeMask(keyframe.mask);
			keep(forward, mask);
			const end = keyframes[index + 1]?.time ?? Infinity;
			for await (const tracked of track(seed, mask, frames.until(end))) keep(forward, tracked);
		}
	} finally {
		await frames.close();
	}
	const before = bounded(clip.framesBackward({ before: firstSeed!.time, signal }), AHEAD);
	for await (const tracked of track(firstSeed!, decodeMask(first.mask), before)) keep(backward, tracked);
	return backward.reverse().concat(forward);
}

/** Whether the frame is the one shown at the time, or a later one; clocks of containers differ by less than half a frame. */
function reaches(frame: TimedFrame, time: number, half: number): boolean {
	return frame.time + half > time;
}

/** Hands out one run of frames in parts. */
class Lookahead {
	readonly #iterator: AsyncIterator<TimedFrame>;
	#held: TimedFrame | undefined;

	constructor(frames: AsyncIterable<TimedFrame>) {
		this.#iterator = frames[Symbol.asyncIterator]();
	}

	async next(): Promise<TimedFrame | undefined> {
		const held = this.#held;
		this.#held = undefined;
		if (held) return held;
		const next = await this.#iterator.next();
		return next.done ? undefined : next.value;
	}

	/** The frames before a time. */
	async *until(time: number): AsyncGenerator<TimedFrame> {
		let previous: TimedFrame | undefined;
		while (true) {
			const frame = await this.next();
			if (!frame) return;
			const half = previous ? (frame.time - previous.time) / 2 : 0.004;
			if (reaches(frame, time, half)) {
				this.#held = frame;
				return;
			}
			previous = frame;
			yield frame;
		}
	}

	async close(): Promise<void> {
		await this.#iterator.return?.();
	}
}
