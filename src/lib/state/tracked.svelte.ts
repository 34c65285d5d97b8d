/* eslint-disable svelte/prefer-svelte-reactivity -- `changes` tells what shows them */
import type { RunLengthMask } from '$models/mask.ts';
import type { PackedAlpha } from '$models/packed-alpha.ts';
import { packMask, unpackMask, type PackedMask } from '$models/packed-mask.ts';
import { FrameRanges } from './frame-ranges.ts';
import type { TargetMarks } from './targets.ts';

/** What a target's tracked masks follow from: the revisions of its marks, by frame. */
export type Basis = ReadonlyMap<number, number>;

/** One tracked mask. */
export interface TrackedMask {
	readonly mask: PackedMask;
	readonly basis: Basis;
	/** The same with its soft edge, where it came from elsewhere with one. */
	readonly soft?: PackedAlpha;
}

/** So many masks are kept as they are shown. */
const RECENT = 64;

/** Milliseconds in which what shows masks is told of changes at most once while they come. */
const FRAME = 16;

/** What is known of one target. */
class Course {
	readonly masks = new Map<number, TrackedMask>();
	readonly ranges = new FrameRanges();
	/** Frames by what their masks follow from. */
	readonly following = new Map<Basis, FrameRanges>();

	set(frame: number, tracked: TrackedMask): void {
		const { basis } = tracked;
		this.delete(frame);
		this.masks.set(frame, tracked);
		this.ranges.add(frame);
		const following = this.following.get(basis) ?? new FrameRanges();
		following.add(frame);
		this.following.set(basis, following);
	}

	delete(frame: number): void {
		const tracked = this.masks.get(frame);
		if (!tracked) return;
		this.masks.delete(frame);
		this.ranges.delete(frame);
		this.following.get(tracked.basis)!.delete(frame);
	}
}

const unknown: ReadonlyMap<number, TrackedMask> = new Map();

/** The masks that tracking found, by target and frame. They are kept packed: there may be ten thousand of them. */
export class Tracked {
	/** Called when there is something that is not saved. */
	unsaved: () => void = () => {};
	#count = 0;
	/** The changes that were told of. */
	#told = $state(0);
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly #unsaved = new Set<number>();
	readonly #courses = new Map<number, Course>();
	readonly #recent = new Map<PackedMask, RunLengthMask>();

	/** Grows with every change. */
	get changes(): number {
		void this.#told;
		return this.#count;
	}

	/** Tells what shows masks of all changes now. */
	flush(): void {
		this.#told = this.#count;
	}

	/** The mask of a target on a frame, empty where it was not seen; undefined where it was not tracked. */
	at(target: number, frame: number): RunLengthMask | undefined {
		const tracked = this.find(target, frame);
		return tracked && this.#unpack(tracked.mask);
	}

	/** As it is kept. */
	find(target: number, frame: number): TrackedMask | undefined {
		return this.of(target).get(frame);
	}

	/** All masks of a target, by frame. */
	of(target: number): ReadonlyMap<number, TrackedMask> {
		void this.changes;
		return this.#courses.get(target)?.masks ?? unknown;
	}

	/** Ids of the targets that have any. */
	get targets(): readonly number[] {
		void this.changes;
		return [...this.#courses.keys()];
	}

	/** On how many frames any target was tracked. */
	get frames(): number {
		void this.changes;
		return new Set([...this.#courses.values()].flatMap(({ masks }) => [...masks.keys()])).size;
	}

	take(target: number, frame: number, mask: RunLengthMask, basis: Basis): void {
		this.restore(target, frame, { mask: packMask(mask), basis });
		this.unsave(frame);
	}

	/** Takes over what was saved. */
	restore(target: number, frame: number, tracked: TrackedMask): void {
		const course = this.#courses.get(target) ?? new Course();
		this.#courses.set(target, course);
		course.set(frame, tracked);
		this.#count++;
		this.#tell();
	}

	/** @returns the frames whose masks are dropped */
	drop(target: number, from: number, to: number): number[] {
		const course = this.#courses.get(target);
		const frames = [...(course?.masks.keys() ?? [])].filter((frame) => frame >= from && frame <= to);
		for (const frame of frames) {
			course!.delete(frame);
			this.unsave(frame);
		}
		if (course?.masks.size === 0) this.#courses.delete(target);
		if (frames.length > 0) this.#count++;
		this.flush();
		return frames;
	}

	/** Forgets all that is here; what is saved stays. */
	clear(): void {
		this.#courses.clear();
		this.#unsaved.clear();
		this.#count++;
		this.flush();
	}

	/** Notes that a frame is to be saved. */
	unsave(frame: number): void {
		this.#unsaved.add(frame);
		this.unsaved();
	}

	/** The frames that are to be saved; from now on, none is. */
	takeUnsaved(): number[] {
		const frames = [...this.#unsaved];
		this.#unsaved.clear();
		return frames;
	}

	/** Notes again what could not be saved: with what comes next. */
	putBack(frames: readonly number[]): void {
		for (const frame of frames) this.#unsaved.add(frame);
	}

	/** Stretches of frames that are tracked, in order. */
	ranges(target: number): FrameRanges['all'] {
		void this.changes;
		return this.#courses.get(target)?.ranges.all ?? [];
	}

	/** The first frame whose mask follows from other marks than these; undefined where there is none. */
	staleFrom(target: number, marks: TargetMarks): number | undefined {
		void this.changes;
		const stale = [...(this.#courses.get(target)?.following ?? [])].map(
			([basis, frames]) => frames.firstFrom(firstChange(basis, marks)) ?? Infinity
		);
		const first = Math.min(...stale);
		return Number.isFinite(first) ? first : undefined;
	}

	/** Tells what shows masks of the first change now, of those that come right after it together. */
	#tell(): void {
		if (this.#timer !== undefined) return;
		this.flush();
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			if (this.#told !== this.#count) this.#tell();
		}, FRAME);
	}

	/** The same object for the same mask while it is one of the last few. */
	#unpack(packed: PackedMask): RunLengthMask {
		const mask = this.#recent.get(packed) ?? unpackMask(packed);
		this.#recent.delete(packed);
		this.#recent.set(packed, mask);
		if (this.#recent.size > RECENT) this.#recent.delete(this.#recent.keys().next().value!);
		return mask;
	}
}

/** The revisions of marks. */
export function basisOf(marks: TargetMarks): Basis {
	return new Map([...marks].map(([frame, { revision }]) => [frame, revision]));
}

/**
 * The first frame on which masks would be others if they were tracked again: every frame where the first keyframe has changed, since the
 * frames before it follow from it as well.
 */
function firstChange(basis: Basis, marks: TargetMarks): number {
	const frames = [...new Set([...basis.keys(), ...marks.keys()])];
	const changed = frames.filter((frame) => basis.get(frame) !== marks.get(frame)?.revision);
	const first = Math.min(...changed);
	return first <= Math.min(...basis.keys()) ? -Infinity : first;
}
