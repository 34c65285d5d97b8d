import { bounded } from './bounded.ts';
import type { Clip, TimedFrame } from './clip.ts';
import { modelError } from './errors.ts';
import type { TrackRequest } from './segmenter.ts';

/** Frames decoded ahead of who uses them. */
const AHEAD = 3;

/**
 * A clip's frames from one number to another, both included, in that order, forward or backward in time; none is left out.
 * @throws CodedError `clip-damaged` where one is missing, `keyframe-missing` when the first one does not exist
 */
export async function* framesBetween<F extends TimedFrame>(
	clip: Pick<Clip<F>, 'frameAt' | 'frames' | 'framesBackward'>,
	first: number,
	last: number,
	signal?: AbortSignal
): AsyncGenerator<F, void, undefined> {
	const isForward = first <= last;
	const start = isForward && first === 0 ? undefined : await clip.frameAt(first, signal);
	if (!start && first > 0) throw modelError('keyframe-missing');
	if (!isForward) yield start!;
	const rest = isForward
		? clip.frames({ from: start?.time, signal })
		: clip.framesBackward({ before: start!.time, signal });
	let expected = isForward ? first : first - 1;
	for await (const frame of bounded(rest, AHEAD)) {
		if (isForward && frame.index < first) continue;
		if (frame.index !== expected) throw modelError('clip-damaged', { frame: expected });
		yield frame;
		if (frame.index === last) return;
		expected += isForward ? 1 : -1;
	}
	signal?.throwIfAborted();
	throw modelError('clip-damaged', { frame: expected });
}

/** The first frame that says what a target is. */
export function firstKeyframe({ keyframes }: TrackRequest['targets'][number]): number {
	return Math.min(...keyframes.map(({ frame }) => frame));
}

/** Where to begin going forward so that every target comes to a frame from its last keyframe before it. */
export function forwardStart(targets: TrackRequest['targets'], from: number): number {
	const starts = targets.map((target) => {
		const passed = target.keyframes.map(({ frame }) => frame).filter((frame) => frame <= from);
		return passed.length > 0 ? Math.max(...passed) : firstKeyframe(target);
	});
	return Math.min(...starts);
}
