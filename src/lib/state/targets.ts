import type { RunLengthMask } from '$models/mask.ts';
import type { Example, Prompt } from '$models/segmenter.ts';

/** How many colours tell targets apart: `--color-target-1` and so on. */
export const targetColours = 8;
/** As many as tracking takes. */
export const mostTargets = 100;

/** One thing to cut out. */
export interface Target {
	/** From 1; never given twice in a session. */
	readonly id: number;
	readonly name?: string;
	/** The English words that it was found by. */
	readonly words?: string;
	/** From 1 to `targetColours`. */
	readonly colour: number;
	/** Whether it is part of the matte. */
	readonly on: boolean;
}

/** What is said about one target on one frame. Never changed, so it also names the mask that is made from it. */
export interface Marks {
	/** Names this among all that is said in a session. */
	readonly revision: number;
	readonly prompts: readonly Prompt[];
	/** What the prompts correct: what was found or tracked there. Without prompts it is the mask. */
	readonly base?: RunLengthMask;
	/** How sure `base` is, 0 to 1. */
	readonly score?: number;
}

/** By frame. */
export type TargetMarks = ReadonlyMap<number, Marks>;

/** What was looked for on a frame, and the targets that were found. */
export interface Search {
	/** In English. */
	readonly words?: string;
	readonly examples: readonly Example[];
	readonly targets: readonly number[];
}

/** Everything that the user says. Immutable. */
export interface Said {
	/** In the order in which they are listed; at least one. */
	readonly targets: readonly Target[];
	/** By the target's id; a target about which nothing is said may be left out. */
	readonly marks: ReadonlyMap<number, TargetMarks>;
	/** The newest search of each frame. */
	readonly searches: ReadonlyMap<number, Search>;
}

const noMarks: TargetMarks = new Map();

/** One target, about which nothing is said. */
export function nothingSaid(id = 1): Said {
	return { targets: [{ id, colour: 1, on: true }], marks: new Map(), searches: new Map() };
}

export function marksOf({ marks }: Said, target: number): TargetMarks {
	return marks.get(target) ?? noMarks;
}

/** The colour that the fewest targets have. */
export function freeColour(targets: readonly Target[]): number {
	const used = Array.from(
		{ length: targetColours },
		(_, i) => targets.filter((t) => t.colour === i + 1).length
	);
	return used.indexOf(Math.min(...used)) + 1;
}

export function withTarget(said: Said, target: Target): Said {
	return { ...said, targets: [...said.targets, target] };
}

export function changeTarget(said: Said, id: number, change: Partial<Omit<Target, 'id'>>): Said {
	const targets = said.targets.map((target) => (target.id === id ? { ...target, ...change } : target));
	return { ...said, targets };
}

/** Another target in the place of one, of which nothing is said any more. */
export function withTargetInPlace(said: Said, id: number, by: Target): Said {
	const targets = said.targets.map((target) => (target.id === id ? by : target));
	return { ...said, targets, marks: new Map([...said.marks].filter(([key]) => key !== id)) };
}

/** @param newTarget the id of the target that takes the last one's place */
export function withoutTarget(said: Said, id: number, newTarget: () => number): Said {
	const targets = said.targets.filter((target) => target.id !== id);
	const marks = new Map([...said.marks].filter(([key]) => key !== id));
	return { ...said, targets: targets.length > 0 ? targets : nothingSaid(newTarget()).targets, marks };
}

/** @param marks undefined where nothing is to be said any more */
export function withMarks(said: Said, target: number, frame: number, marks: Marks | undefined): Said {
	const own = new Map(marksOf(said, target));
	if (marks) own.set(frame, marks);
	else own.delete(frame);
	return { ...said, marks: new Map([...said.marks, [target, own]]) };
}

/** Frames on which something is said about any target, in order. */
export function markedFrames({ marks }: Said): number[] {
	const frames = new Set([...marks.values()].flatMap((own) => [...own.keys()]));
	return [...frames].sort((a, b) => a - b);
}

/** Where something else is said than before, and what is said there now. */
export function changedMarks(
	before: Said,
	after: Said
): { readonly target: number; readonly index: number; readonly marks?: Marks }[] {
	const targets = new Set([...before.marks.keys(), ...after.marks.keys()]);
	return [...targets].flatMap((target) => {
		const [old, now] = [marksOf(before, target), marksOf(after, target)];
		if (old === now) return [];
		const frames = [...new Set([...old.keys(), ...now.keys()])];
		const changed = frames.filter((index) => old.get(index) !== now.get(index));
		return changed.map((index) => ({ target, index, marks: now.get(index) }));
	});
}
