import { maskArea, type RunLengthMask } from '$models/mask.ts';
import { sharedArea } from '$models/run-lengths.ts';
import type { FoundThing } from '$workers/segment/types.ts';
import type { Wanted } from './finder.svelte.ts';
import {
	changeTarget,
	freeColour,
	marksOf,
	mostTargets,
	withMarks,
	withoutTarget,
	withTarget,
	type Said,
	type Search
} from './targets.ts';

/** Of the union, from which two masks are of the same thing. */
const SAME = 0.8;

function sameThing(a: RunLengthMask, b: RunLengthMask): boolean {
	const shared = sharedArea(a, b);
	return shared > 0 && shared >= SAME * (maskArea(a) + maskArea(b) - shared);
}

/** Where found things go. */
export interface Finding extends Wanted {
	/** Surest first. */
	readonly found: readonly FoundThing[];
	/** The mask that a target has on the frame. */
	readonly maskOf: (target: number) => RunLengthMask | undefined;
	readonly newTarget: () => number;
	readonly newRevision: () => number;
}

/** Each thing a target of its own; one that is a target already is turned on. */
export function withFound(
	said: Said,
	finding: Finding
): { said: Said; targets: readonly number[]; tooMany: boolean } {
	const { index, concept, found, name, newTarget, newRevision } = finding;
	const { words } = concept;
	let next = withoutUntouched(said, finding);
	const known = next.targets.flatMap(({ id }) => {
		const mask = finding.maskOf(id);
		return mask && next.marks.has(id) ? [{ id, mask }] : [];
	});
	// What is about nothing yet takes the first thing.
	let empty = next.targets.find(
		({ id, name }) => name === undefined && marksOf(next, id).size === 0 && !finding.maskOf(id)
	);
	const targets: number[] = [];
	let tooMany = false;
	for (const { mask, score } of found) {
		const same = known.find((other) => sameThing(other.mask, mask));
		if (same) {
			next = changeTarget(next, same.id, { on: true });
			targets.push(same.id);
			continue;
		}
		if (!empty && next.targets.length >= mostTargets) {
			tooMany = true;
			break;
		}
		const id = empty?.id ?? newTarget();
		if (empty) next = changeTarget(next, id, { name, words, on: true });
		else next = withTarget(next, { id, name, words, colour: freeColour(next.targets), on: true });
		empty = undefined;
		next = withMarks(next, id, index, { revision: newRevision(), prompts: [], base: mask, score });
		targets.push(id);
	}
	const search: Search = { words, examples: concept.examples ?? [], targets };
	return { said: { ...next, searches: new Map([...next.searches, [index, search]]) }, targets, tooMany };
}

function withoutUntouched(said: Said, { index, replaces, newTarget }: Finding): Said {
	let next = said;
	for (const id of replaces?.targets ?? []) {
		const marks = marksOf(next, id);
		const untouched = marks.size === 1 && marks.get(index)?.prompts.length === 0;
		if (untouched) next = withoutTarget(next, id, newTarget);
	}
	return next;
}
