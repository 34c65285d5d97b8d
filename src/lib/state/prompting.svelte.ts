import type { RunLengthMask } from '$models/mask.ts';
import type { GivenMask } from '$models/mask-sequence/read.ts';
import { unpackMask } from '$models/packed-mask.ts';
import type { Keyframe } from '$protocol/schema.ts';
import type { WorkerTrackRequest } from '$workers/segment/types.ts';
import { Followed } from './followed.ts';
import {
	keyframeProblem,
	knownMasks,
	uniteKeyframes,
	type EngineMasks,
	type KeyframeProblem,
	type KnownMasks
} from './keyframes.ts';
import { Marking } from './marking.svelte.ts';
import { fromSaved, nothingSaved, toSaved, type PromptingJSON } from './prompting-json.ts';
import {
	freeColour,
	marksOf,
	mostTargets,
	nothingSaid,
	withMarks,
	withTarget,
	withTargetInPlace,
	type Marks,
	type Target
} from './targets.ts';
import { basisOf, type Basis } from './tracked.svelte.ts';

export type { Tool } from './marking.svelte.ts';
export type { Segments } from './segments.ts';
export type { ShownMask } from './shown-masks.ts';
export type { Target } from './targets.ts';

/** What is said, and what comes of it: what is tracked, what a matte is made from, and what is saved. */
export class Prompting extends Marking {
	readonly #followed = new Followed(this.answers, this.tracked);

	/** Why there is nothing to matte from. */
	get keyframeProblem(): KeyframeProblem | undefined {
		return keyframeProblem(this.#known);
	}

	/** Whether there is a frame from which a matte can be made. */
	get ready(): boolean {
		return this.keyframeProblem === undefined;
	}

	/**
	 * The masks that a matte is made from, in order of time: what all targets that are on show together.
	 * @param soft whether soft edges are wanted where they are known
	 */
	async keyframes(masks: EngineMasks, soft = false): Promise<Keyframe[]> {
		const times = this.player.info?.times;
		return times ? uniteKeyframes(this.#known, masks, times, soft) : [];
	}

	get #known(): KnownMasks[] {
		return knownMasks(this.said, this.answers, this.tracked);
	}

	/** What to follow: the targets that are on, from every frame on which they are marked, as they are shown there. */
	trackRequest(range: { readonly from?: number; readonly to?: number } = {}): WorkerTrackRequest {
		return this.#followed.request(this.said, range);
	}

	/** Frames that a target can be followed from, in order: it is marked there, and there is something to see of it. */
	keyframesOf(target: number): readonly number[] {
		return this.#followed.keyframesOf(this.said, target).map(({ frame }) => frame);
	}

	/** What tracking was asked for with last: the revisions of the marks by target. To be kept with a job that outlives the page. */
	get trackedFrom(): ReadonlyMap<number, Basis> {
		return this.#followed.bases;
	}

	set trackedFrom(bases: ReadonlyMap<number, Basis>) {
		this.#followed.bases = bases;
	}

	/**
	 * Makes a thing that following has found a target, marked where it was first seen.
	 * @returns its id; undefined when there are as many targets as there can be
	 */
	addFollowed(
		index: number,
		mask: RunLengthMask,
		about: { name?: string; words?: string }
	): number | undefined {
		if (this.frozen || this.targets.length >= mostTargets) return undefined;
		const id = this.document.newTarget();
		const marks: Marks = { revision: this.document.newRevision(), prompts: [], base: mask };
		const said = withTarget(this.said, { id, ...about, colour: freeColour(this.targets), on: true });
		this.document.edit(withMarks(said, id, index, marks));
		return id;
	}

	/**
	 * Makes a target of masks that come from elsewhere: marked on the first frame on which it is seen, and on the others as if it was
	 * tracked. It can be undone.
	 * @param masks by frame, of the clip's size; one of them shows something
	 * @param inPlaceOf a target whose place it takes, with all that is said of it
	 * @returns its id; undefined when there are as many targets as there can be
	 */
	addImported(
		masks: ReadonlyMap<number, GivenMask>,
		about: { readonly name?: string },
		inPlaceOf?: number
	): number | undefined {
		const replaced = this.targets.find(({ id }) => id === inPlaceOf);
		if (this.frozen || (!replaced && this.targets.length >= mostTargets)) return undefined;
		const first = Math.min(...[...masks].flatMap(([frame, { mask }]) => (mask.isEmpty ? [] : [frame])));
		const marks: Marks = {
			...{ revision: this.document.newRevision(), prompts: [] },
			base: unpackMask(masks.get(first)!.mask)
		};
		const id = this.document.newTarget();
		const target: Target = replaced
			? { ...replaced, id, on: true }
			: { id, ...about, colour: freeColour(this.targets), on: true };
		const listed = replaced
			? withTargetInPlace(this.said, replaced.id, target)
			: withTarget(this.said, target);
		const said = withMarks(listed, id, first, marks);
		const basis = basisOf(marksOf(said, id));
		for (const [frame, mask] of masks) {
			this.tracked.restore(id, frame, { ...mask, basis });
			this.tracked.unsave(frame);
		}
		this.document.edit(said);
		this.tracked.flush();
		this.choose(id);
		return id;
	}

	/** Keeps the masks that tracking has found on a frame, by the targets' ids. They follow from what `trackRequest` told last. */
	takeTracked(index: number, masks: ReadonlyMap<number, RunLengthMask>): void {
		this.#followed.take(this.said, index, masks);
	}

	/** Forgets what was tracked on frames; of all targets where none is named. */
	dropTracked(from: number, to: number, target?: number): void {
		for (const id of target === undefined ? this.tracked.targets : [target]) this.tracked.drop(id, from, to);
	}

	/** Stretches of frames on which a target is tracked, in order. */
	trackedRanges(target: number): readonly (readonly [first: number, last: number])[] {
		return this.tracked.ranges(target);
	}

	/** The first frame whose tracked mask is older than the marks that it follows from. */
	staleFrom(target: number): number | undefined {
		return this.tracked.staleFrom(target, marksOf(this.said, target));
	}

	toJSON(): PromptingJSON {
		const times = this.player.info?.times;
		return times ? toSaved(this.document, times, (marks) => this.answers.of(marks)) : nothingSaved;
	}

	/** Takes over what was saved for the clip that is open, in place of what is there; what was tracked stays. */
	restore(saved: PromptingJSON): void {
		const times = this.player.info?.times;
		if (!times) return;
		this.#followed.reset();
		this.begin(
			fromSaved(saved, times, (marks, answer) => this.answers.keep(marks, answer)),
			saved.last
		);
	}

	/** Forgets everything, for another clip. */
	reset(): void {
		this.#followed.reset();
		this.begin(nothingSaid());
		this.tracked.clear();
	}
}
