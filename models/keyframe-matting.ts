import { bounded } from './bounded.ts';
import type { Clip, TimedFrame } from './clip.ts';
import { modelError } from './errors.ts';
import { decodeMask } from './mask.ts';
import type { Matted, Matter, MatteOptions, MatterHooks, MatterInput } from './matter.ts';
import type { Meter } from './meter.ts';
import { packAlpha, unpackAlpha, type PackedAlpha } from './packed-alpha.ts';
import type { Keyframes } from './tracking.ts';

/** Frames decoded ahead of the engine. */
const AHEAD = 3;

export interface KeyframeMattingParts<F extends TimedFrame> {
	readonly clip: Clip<F>;
	readonly keyframes: Keyframes;
	readonly matter: Matter;
	readonly options: MatteOptions;
	/** Counts what the matter computes. */
	readonly meter: Meter;
	readonly hooks: MatterHooks;
}

/**
 * Mattes a whole clip by a matter that follows the target from keyframes by itself: forward from each keyframe to the next, and
 * backward from the first one to the clip's start.
 */
export class KeyframeMatting<F extends TimedFrame> {
	/** The number of the first keyframe: how many frames lie before it. */
	readonly framesBefore: number;

	constructor(private readonly parts: KeyframeMattingParts<F>) {
		this.framesBefore = parts.keyframes.keys().next().value!;
	}

	/**
	 * Mattes backward from the first keyframe to the clip's start. The alphas are kept deflated, since they are needed in the other
	 * order: memory grows by some ten kilobytes for each of these frames.
	 * @param onDone called with the number of frames that have their alpha
	 * @returns the alphas of the frames before the first keyframe, in order
	 * @throws CodedError `clip-damaged` when a frame is missing
	 */
	async matteBackward(onDone: (frames: number) => void): Promise<PackedAlpha[]> {
		const alphas: PackedAlpha[] = [];
		let next = this.framesBefore - 1;
		if (next < 0) return alphas;
		for await (const { frame, alpha } of this.#matte(this.#backward())) {
			if (frame.index === this.framesBefore) continue;
			if (frame.index !== next) break;
			alphas.push(await packAlpha(alpha));
			next--;
			onDone(alphas.length);
		}
		if (next >= 0) throw modelError('clip-damaged', { frame: next });
		return alphas.reverse();
	}

	/** All frames with their alphas, in order: those before the first keyframe with the alphas given, the others as they are asked for. */
	async *matted(before: readonly PackedAlpha[]): AsyncGenerator<Matted<F>, void, undefined> {
		const { clip, hooks } = this.parts;
		const frames = bounded(clip.frames({ signal: hooks.signal }), AHEAD);
		try {
			for (const packed of before) {
				const { value: frame } = await frames.next();
				if (!frame) return;
				yield { frame, alpha: await unpackAlpha(packed) };
			}
			yield* this.#matte(this.#masked(frames));
		} finally {
			await frames.return();
		}
	}

	async *#backward(): AsyncGenerator<MatterInput<F>> {
		const { clip, hooks } = this.parts;
		const keyframe = await clip.frameAt(this.framesBefore, hooks.signal);
		if (!keyframe) throw modelError('keyframe-missing');
		yield* this.#masked([keyframe]);
		const frames = clip.framesBackward({ before: keyframe.time, signal: hooks.signal });
		yield* this.#masked(bounded(frames, AHEAD));
	}

	async *#masked(frames: AsyncIterable<F> | Iterable<F>): AsyncGenerator<MatterInput<F>> {
		for await (const frame of frames) {
			const mask = this.parts.keyframes.get(frame.index);
			yield { frame, mask: mask && decodeMask(mask.open()) };
		}
	}

	#matte(inputs: AsyncIterable<MatterInput<F>>): AsyncIterable<Matted<F>> {
		const { matter, options, meter, hooks } = this.parts;
		return meter.output(matter.matte(meter.source(inputs), options, hooks));
	}
}
