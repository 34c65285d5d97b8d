/* eslint-disable svelte/prefer-svelte-reactivity -- `changes` tells what shows them */
import type { RunLengthMask } from '$models/mask.ts';
import { packMask, unpackMask, type PackedMask } from '$models/packed-mask.ts';
import type { TargetMarks } from './targets.ts';

/** What a target's tracked masks follow from: the revisions of its marks, by frame. */
export type Basis = ReadonlyMap<number, number>;

/** One tracked mask. */
export interface TrackedMask {
	readonly mask: PackedMask;
	readonly basis: Basis;
}

/** So many masks are kept as they are shown. */
const RECENT = 64;

type Range = readonly [first: number, last: number];

const unknown: ReadonlyMap<number, TrackedMask> = new Map();

/** The masks that tracking found, by target and frame. They are kept packed: there may be ten thousand of them. */
export class Tracked {
	/** Grows with every change. */
	changes = $state(0);
	/** Called when there is something that is not saved. */
	unsaved: () => void = () => {};
	#count = 0;
	readonly #unsaved = new Set<number>();
	readonly #masks = new Map<number, Map<number, TrackedMask>>();
	readonly #recent = new Map<PackedMask, RunLengthMask>();

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
		return this.#masks.get(target) ?? unknown;
	}

	/** Ids of the targets that have any. */
	get targets(): readonly number[] {
		void this.changes;
		return [...this.#masks.keys()];
	}

	/** On how many frames any target was tracked. */
	get frames(): number {
		void this.changes;
		return new Set([...this.#masks.values()].flatMap((own) => [...own.keys()])).size;
	}

	take(target: number, frame: number, mask: RunLengthMask, basis: Basis): void {
		this.restore(target, frame, { mask: packMask(mask), basis });
		this.unsave(frame);
	}

	/** Takes over what was saved. */
	restore(target: number, frame: number, tracked: TrackedMask): void {
		const own = this.#masks.get(target);
		if (own) own.set(frame, tracked);
		else this.#masks.set(target, new Map([[frame, tracked]]));
		this.changes = ++this.#count;
	}

	/** @returns the frames whose masks are dropped */
	drop(target: number, from: number, to: number): number[] {
		const own = this.#masks.get(target);
		const frames = [...(own?.keys() ?? [])].filter((frame) => frame >= from && frame <= to);
		for (const frame of frames) {
			own!.delete(frame);
			this.unsave(frame);
		}
		if (own?.size === 0) this.#masks.delete(target);
		if (frames.length > 0) this.changes = ++this.#count;
		return frames;
	}

	/** Forgets all that is here; what is saved stays. */
	clear(): void {
		this.#masks.clear();
		this.#unsaved.clear();
		this.changes = ++this.#count;
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
	ranges(target: number): Range[] {
		const ranges: [number, number][] = [];
		for (const frame of [...this.of(target).keys()].sort((a, b) => a - b)) {
			const last = ranges.at(-1);
			if (last?.[1] === frame - 1) last[1] = frame;
			else ranges.push([frame, frame]);
		}
		return ranges;
	}

	/** The first frame whose mask follows from other marks than these; undefined where there is none. */
	staleFrom(target: number, marks: TargetMarks): number | undefined {
		const since = new Map<Basis, number>();
		let first = Infinity;
		for (const [frame, { basis }] of this.of(target)) {
			if (!since.has(basis)) since.set(basis, firstChange(basis, marks));
			if (frame >= since.get(basis)!) first = Math.min(first, frame);
		}
		return Number.isFinite(first) ? first : undefined;
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
