import { firstKeyframe, forwardStart } from '../passes.ts';
import type { TargetKeyframe, TrackRequest } from '../segmenter.ts';

type Targets = TrackRequest['targets'];

/**
 * The way through a clip: forward in time to the end, then backward from where that began to count. All numbers are those of frames.
 */
export class Course {
	/** The keyframes that say by themselves what a target is there, known before anything is followed; those that are of use. */
	readonly known: Targets;
	/** The other keyframes: they correct what is found when tracking comes to them. */
	readonly corrections: Targets;
	/** The first keyframe of all. Before it, targets are followed backward. */
	readonly first: number;
	/** Where words and examples are looked for first, and the way back begins. */
	readonly start: number;
	/** Where the way forward begins, early enough for every target to come to the frames that are wanted from its own keyframe. */
	readonly begin: number;
	/** Where the way forward ends. */
	readonly end: number;

	/**
	 * @param frames of the clip
	 * @param inView a target's keyframes that tracking has in view at once, the nearest
	 */
	constructor({ targets, concept, from = 0, to = Infinity }: TrackRequest, frames: number, inView: number) {
		const wants = (known: boolean) =>
			targets.map((target) => ({
				...target,
				keyframes: target.keyframes.filter((keyframe) => isKnown(keyframe, target) === known)
			}));
		const known = wants(true);
		this.corrections = wants(false);
		const last = Math.min(to, frames - 1);
		const example = concept?.examples?.length ? (concept.frame ?? from) : undefined;
		this.first = targets.length > 0 ? Math.min(...targets.map(firstKeyframe)) : from;
		this.start = example ?? Math.max(this.first, from);
		this.begin = Math.min(this.start, forwardStart(known, from));
		// What the examples' own frame shows must be seen, wherever it lies.
		this.end = Math.max(example ?? last, last);
		const way = [Math.min(this.begin, from), Math.max(this.end, this.start - 1)] as const;
		this.known = known.map(({ id, keyframes }) => ({ id, keyframes: ofUse(keyframes, way, inView) }));
	}

	/** Whether targets are followed on a frame; if not, they were already. */
	follows(index: number, reverse: boolean): boolean {
		return !reverse || index < this.first;
	}

	/** Whether words and examples are looked for on a frame. */
	looks(index: number, reverse: boolean): boolean {
		return reverse ? index <= this.end : index >= this.start;
	}
}

/** Keyframes on the way, and of those beyond its ends the nearest. */
function ofUse(
	keyframes: readonly TargetKeyframe[],
	[first, last]: readonly [number, number],
	inView: number
): TargetKeyframe[] {
	const frames = [...new Set(keyframes.map(({ frame }) => frame))].sort((a, b) => a - b);
	const before = frames.filter((frame) => frame < first);
	const after = frames.filter((frame) => frame > last);
	const unused = new Set([...before.slice(0, -inView), ...after.slice(inView)]);
	return keyframes.filter(({ frame }) => !unused.has(frame));
}

/** What is said of targets on a frame. */
export function saidOn(
	index: number,
	targets: Targets
): { readonly id: number; readonly keyframe: TargetKeyframe }[] {
	return targets.flatMap(({ id, keyframes }) =>
		keyframes.filter(({ frame }) => frame === index).map((keyframe) => ({ id, keyframe }))
	);
}

function isKnown(keyframe: TargetKeyframe, target: Targets[number]): boolean {
	const { prompts, frame } = keyframe;
	return prompts.length === 0 || keyframe.mask !== undefined || frame === firstKeyframe(target);
}
