import { maskArea, type RunLengthMask } from '$models/mask.ts';
import { holdsPixel } from '$models/run-lengths.ts';
import type { Answers } from './answers.svelte.ts';
import { marksOf, type Said, type Target } from './targets.ts';
import type { Tracked } from './tracked.svelte.ts';
import type { Point } from './viewport.svelte.ts';

/** One target's mask as it is shown on a frame. The same object as long as nothing in it changes. */
export interface ShownMask {
	/** The target's id. */
	readonly target: number;
	/** From 1 to `targetColours`. */
	readonly colour: number;
	/** Whether the target is part of the matte. */
	readonly on: boolean;
	readonly mask: RunLengthMask;
	readonly from: 'marks' | 'tracking';
	/** How sure it is, 0 to 1. */
	readonly score?: number;
	/** When its newest prompt was given (`performance.now()`); absent when it was not just asked for. */
	readonly askedAt?: number;
}

/** The masks that are there of what is said, and of what was tracked. What is said counts before what was tracked. */
export class ShownMasks {
	/** What was told last, and of what. */
	#told: { readonly of: readonly unknown[]; readonly masks: readonly ShownMask[] } = { of: [], masks: [] };

	constructor(
		private readonly answers: Answers,
		private readonly tracked: Tracked
	) {}

	/** Of all targets on a frame, in their order. */
	at(said: Said, index: number): readonly ShownMask[] {
		const of = [index, said, this.answers.changes, this.tracked.changes];
		const told = this.#told;
		if (of.every((part, i) => part === told.of[i])) return told.masks;
		const masks = said.targets.flatMap((target) => {
			const shown = this.#find(said, target, index);
			return shown ? [told.masks.find((other) => isSame(other, shown)) ?? shown] : [];
		});
		this.#told = { of, masks };
		return masks;
	}

	#find(said: Said, { id, colour, on }: Target, index: number): ShownMask | undefined {
		const about = { target: id, colour, on };
		const answer = marksOf(said, id).has(index) ? this.answers.at(id, index) : undefined;
		if (answer) return { ...about, from: 'marks', ...answer };
		const mask = this.tracked.at(id, index);
		return mask && { ...about, from: 'tracking', mask };
	}
}

/** Masks as they lie over each other, the lowest first: small ones over large ones, then later targets over earlier ones. */
export function lowestFirst(shown: readonly ShownMask[]): ShownMask[] {
	return [...shown].sort((a, b) => maskArea(b.mask) - maskArea(a.mask));
}

/** What lies on top at a place: what a click there is about. */
export function topmostAt(shown: readonly ShownMask[], { x, y }: Point): ShownMask | undefined {
	return lowestFirst(shown.filter(({ mask }) => holdsPixel(mask, x, y))).at(-1);
}

function isSame(a: ShownMask, b: ShownMask): boolean {
	if (a.target !== b.target || a.on !== b.on || a.colour !== b.colour || a.from !== b.from) return false;
	return a.mask === b.mask && a.askedAt === b.askedAt;
}
