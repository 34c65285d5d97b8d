/* eslint-disable svelte/prefer-svelte-reactivity -- maps are replaced here, never changed */
import { maskArea, type RunLengthMask } from '$models/mask.ts';
import { holdsPixel } from '$models/run-lengths.ts';
import type { Concept, Example, Prompt } from '$models/segmenter.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { Keyframe } from '$protocol/schema.ts';
import { nearest } from '$workers/media/nearest.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import type { WorkerTrackRequest } from '$workers/segment/types.ts';
import { Answers } from './answers.svelte.ts';
import { withFound } from './found.ts';
import { newHistory, record, redo, undo, type History } from './history.ts';
import { Hover } from './hover.svelte.ts';
import {
	keyframeIndices,
	keyframeProblem,
	unionAt,
	type EngineMasks,
	type KeyframeProblem,
	type KnownMasks
} from './keyframes.ts';
import type { Player } from './player.svelte.ts';
import type { PromptingJSON } from './prompting-json.ts';
import type { Segments } from './segments.ts';
import { shownError } from './shown-error.ts';
import {
	changeTarget,
	freeColour,
	markedFrames,
	marksOf,
	mostTargets,
	nothingSaid,
	withMarks,
	withoutTarget,
	withTarget,
	type Marks,
	type Said,
	type Search,
	type Target
} from './targets.ts';
import { basisOf, Tracked, type Basis } from './tracked.svelte.ts';

export type { PromptingJSON } from './prompting-json.ts';
export type { Segments } from './segments.ts';
export type { Marks, Target } from './targets.ts';

export const tools = ['pick', 'point', 'negative', 'box', 'brush', 'eraser', 'example'] as const;
export type Tool = (typeof tools)[number];

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

/** What finding came to: nothing is like it, or more things than there can be targets. */
export type FindNotice = 'no-match' | 'too-many';

const noPrompts: readonly Prompt[] = [];
const noExamples: readonly Example[] = [];
const brushLimits = { smallest: 1, largest: 400 };

/** Tells one clip's frames from another's, whoever asks about them. */
let clips = 0;

/** What the user says about targets on every frame, with undo, and the masks that are made of it. */
export class Prompting {
	tool = $state<Tool>('point');
	/** In pixels of the clip. */
	brushRadius = $state(24);
	/** Nothing can be added or taken back, since another tab writes the session. */
	frozen = $state(false);
	/** Things are being looked for. */
	finding = $state(false);
	notice = $state<FindNotice>();
	/** Milliseconds from the last prompt to its drawn mask. */
	latency = $state<number>();
	/** SHA-256 of the clip, once the server has all of it. */
	serverClip: string | undefined;
	/** The masks that tracking found. */
	readonly tracked = new Tracked();

	#history = $state.raw<History<Said>>(newHistory(nothingSaid()));
	#chosen = $state(1);
	#error = $state.raw<ErrorBody>();
	#edits = $state(0);

	readonly #player: Player;
	readonly #segments: Segments;
	readonly #answers: Answers;
	readonly #hover: Hover;
	readonly #measured = new WeakSet<object>();
	/** What `masksAt` told last. */
	#told: { readonly key: string; readonly masks: readonly ShownMask[] } | undefined;
	#clip = ++clips;
	#lastTarget = 1;
	#lastRevision = 0;
	/** What tracking was asked for with last, by target. */
	#bases: ReadonlyMap<number, Basis> = new Map();

	constructor(player: Player, segments: Segments) {
		this.#player = player;
		this.#segments = segments;
		this.#answers = new Answers(segments);
		this.#hover = new Hover(segments);
	}

	get canUndo(): boolean {
		return this.#history.past.length > 0;
	}

	get canRedo(): boolean {
		return this.#history.future.length > 0;
	}

	get #said(): Said {
		return this.#history.present;
	}

	get busy(): boolean {
		return this.#answers.busy || this.finding;
	}

	get error(): ErrorBody | undefined {
		return this.#error ?? this.#answers.error;
	}

	/** The segmenter that answered last, by its own name. */
	get engine(): string | undefined {
		return this.#answers.engine;
	}

	/** Grows with every change of targets, prompts or the masks made of them; tracked masks have `tracked.changes`. */
	get changes(): number {
		return this.#edits + this.#answers.changes;
	}

	/** All targets, in the order in which they are listed; at least one. */
	get targets(): readonly Target[] {
		return this.#said.targets;
	}

	/** The id of the target that prompts are about. */
	get active(): number {
		return this.#find(this.#chosen)?.id ?? this.targets.at(-1)!.id;
	}

	/** Frames on which something is said about any target, in order. */
	get frames(): readonly number[] {
		return markedFrames(this.#said);
	}

	/** Whether anything is said on the frame that the player is at. */
	get here(): boolean {
		return this.frames.includes(this.#player.index);
	}

	/** Frames on which something is said about a target, in order. */
	framesOf(target: number): readonly number[] {
		return [...marksOf(this.#said, target).keys()].sort((a, b) => a - b);
	}

	promptsAt(index: number, target = this.active): readonly Prompt[] {
		return marksOf(this.#said, target).get(index)?.prompts ?? noPrompts;
	}

	/** The examples that were looked for on a frame. */
	examplesAt(index: number): readonly Example[] {
		return this.#said.searches.get(index)?.examples ?? noExamples;
	}

	/** The masks of all targets on a frame, in their order. What is said counts before what was tracked. */
	masksAt(index: number): readonly ShownMask[] {
		const key = `${index} ${this.changes} ${this.tracked.changes}`;
		if (this.#told?.key === key) return this.#told.masks;
		const before = this.#told?.masks ?? [];
		const masks = this.targets.flatMap((target) => {
			const shown = this.#shownMask(target, index);
			const same = shown && before.find((other) => sameMask(other, shown));
			return shown ? [same ?? shown] : [];
		});
		this.#told = { key, masks };
		return masks;
	}

	/** The mask that is shown of a target on a frame. */
	maskOf(target: number, index: number): ShownMask | undefined {
		return this.masksAt(index).find((shown) => shown.target === target);
	}

	/** A new target, about which nothing is said yet; it becomes the active one unless told otherwise. */
	addTarget({ active = true, ...about }: { name?: string; words?: string; active?: boolean } = {}): number {
		const id = ++this.#lastTarget;
		this.#edit(withTarget(this.#said, { id, ...about, colour: freeColour(this.targets), on: true }));
		if (active) this.choose(id);
		return id;
	}

	choose(id: number): void {
		this.#chosen = id;
		this.hover(undefined);
	}

	setOn(id: number, on: boolean): void {
		if (this.#find(id)?.on === on) return;
		this.#edit(changeTarget(this.#said, id, { on }));
	}

	/** @param name empty to call it by its number again */
	rename(id: number, name: string): void {
		const given = name.trim() || undefined;
		if (this.#find(id)?.name !== given) this.#edit(changeTarget(this.#said, id, { name: given }));
	}

	/** Removes a target and all that is said about it; it can be undone. */
	remove(id: number): void {
		this.#edit(withoutTarget(this.#said, id, () => ++this.#lastTarget));
	}

	/**
	 * Adds a prompt about the active target to the frame that the player is at. Where the target was tracked, it corrects the mask there, if the
	 * segmenter can.
	 */
	add(prompt: Prompt): void {
		const { active } = this;
		const { index } = this.#player;
		const marks = this.#marksWith(prompt);
		this.hover(undefined);
		this.#edit(
			withMarks(changeTarget(this.#said, active, { on: true }), active, index, marks),
			performance.now()
		);
	}

	/**
	 * Finds everything on the shown frame that a concept describes, each thing a target of its own, surest first; where nothing is like it,
	 * nothing changes and `notice` says so.
	 * @param name what the user calls it
	 * @returns how many things were found
	 */
	async find(concept: Concept, name?: string): Promise<number> {
		return this.#search(concept, name);
	}

	/** Adds a thing that is meant, or one that is not, to what was looked for on the shown frame, and looks again. */
	async addExample(example: Example): Promise<number> {
		const before = this.#said.searches.get(this.#player.index);
		const name = this.#find(before?.targets[0] ?? 0)?.name;
		return this.#search(
			{ words: before?.words, examples: [...(before?.examples ?? []), example] },
			name,
			before
		);
	}

	/**
	 * Takes the smallest thing under a click into the matte, and makes it the active one, or drops it from there.
	 * @returns whether there was one
	 */
	toggleAt(x: number, y: number): boolean {
		const under = this.masksAt(this.#player.index).filter(({ mask }) => holdsPixel(mask, x, y));
		const [smallest] = under.sort((a, b) => maskArea(a.mask) - maskArea(b.mask));
		if (!smallest) return false;
		this.setOn(smallest.target, !smallest.on);
		if (!smallest.on) this.choose(smallest.target);
		return true;
	}

	/** The mask that a click would give where the pointer rests. */
	get preview(): RunLengthMask | undefined {
		return this.#hover.mask;
	}

	/** Asks for a preview where the pointer is, or takes it away. */
	hover(at: { readonly x: number; readonly y: number } | undefined): void {
		const pointing = this.tool === 'point' || this.tool === 'negative';
		if (!at || !pointing || !this.#segments.hovers || this.frozen || this.busy || !this.#player.info) {
			this.#hover.ask(undefined);
			return;
		}
		const marks = this.#marksWith({ kind: 'point', ...at, positive: this.tool === 'point' }, 0);
		this.#hover.ask({ frame: this.#frame(this.#player.index), marks });
	}

	/**
	 * Makes the frame that the player is at ready, so that the first prompt on it is answered fast. The segmenter starts with this, not
	 * before: what it costs must not hold up the first picture.
	 */
	async prepare(): Promise<void> {
		const { index, info } = this.#player;
		if (!info) return;
		try {
			const next = index + 1 < info.times.length ? this.#frame(index + 1) : undefined;
			await this.#segments.prepare(this.#frame(index), next);
		} catch (error) {
			this.#error = shownError(error);
		}
	}

	resizeBrush(factor: number): void {
		const { smallest, largest } = brushLimits;
		this.brushRadius = Math.min(largest, Math.max(smallest, this.brushRadius * factor));
	}

	/** Takes back what is said about the active target on the frame that the player is at, or, where nothing is, about all. */
	clearFrame(): void {
		const { index } = this.#player;
		const { active, targets } = this;
		const marked = targets.filter(({ id }) => marksOf(this.#said, id).has(index)).map(({ id }) => id);
		const cleared = marked.includes(active) ? [active] : marked;
		if (cleared.length === 0) return;
		this.#edit(cleared.reduce((said, id) => withMarks(said, id, index, undefined), this.#said));
	}

	/** Takes back everything, the targets too; it can be undone. */
	clear(): void {
		const { targets, frames } = this;
		if (frames.length > 0 || targets.length > 1) this.#edit(nothingSaid(++this.#lastTarget));
	}

	undo(): void {
		this.#revert(undo(this.#history));
	}

	redo(): void {
		this.#revert(redo(this.#history));
	}

	/** Why there is nothing to matte from. */
	get keyframeProblem(): KeyframeProblem | undefined {
		return keyframeProblem(this.#known());
	}

	/** Whether there is a frame from which a matte can be made. */
	get ready(): boolean {
		return this.keyframeProblem === undefined;
	}

	/** The masks that a matte is made from, in order of time: what all targets that are on show together. */
	keyframes(masks: EngineMasks): Keyframe[] {
		const times = this.#player.info?.times;
		if (!times) return [];
		const known = this.#known();
		return keyframeIndices(known, masks).map((index) => ({
			time: times[index]!,
			mask: unionAt(known, index)
		}));
	}

	/** Resolves when every mask that was asked for is there, or failed. */
	settled(): Promise<void> {
		return this.#answers.settled();
	}

	/** What to follow: the targets that are on, from every frame on which they are marked, as they are shown there. */
	trackRequest(range: { readonly from?: number; readonly to?: number } = {}): WorkerTrackRequest {
		const marked = this.targets.filter(({ id, on }) => on && marksOf(this.#said, id).size > 0);
		this.#bases = new Map(marked.map(({ id }) => [id, basisOf(marksOf(this.#said, id))]));
		const targets = marked.map(({ id }) => ({
			id,
			keyframes: this.framesOf(id).flatMap((frame) => {
				const mask = this.#answers.at(id, frame)?.mask;
				return mask && maskArea(mask) > 0 ? [{ frame, prompts: [], mask }] : [];
			})
		}));
		return { targets: targets.filter(({ keyframes }) => keyframes.length > 0), ...range };
	}

	/** What tracking was asked for with last: the revisions of the marks by target. To be kept with a job that outlives the page. */
	get trackedFrom(): ReadonlyMap<number, Basis> {
		return this.#bases;
	}

	set trackedFrom(bases: ReadonlyMap<number, Basis>) {
		this.#bases = bases;
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
		const id = ++this.#lastTarget;
		const marks: Marks = { revision: ++this.#lastRevision, prompts: [], base: mask };
		const said = withTarget(this.#said, { id, ...about, colour: freeColour(this.targets), on: true });
		this.#edit(withMarks(said, id, index, marks));
		return id;
	}

	/** Keeps the masks that tracking has found on a frame, by the targets' ids. They follow from what `trackRequest` told last. */
	takeTracked(index: number, masks: ReadonlyMap<number, RunLengthMask>): void {
		for (const [id, mask] of masks) {
			const basis = this.#bases.get(id) ?? basisOf(marksOf(this.#said, id));
			if (!this.#bases.has(id)) this.#bases = new Map([...this.#bases, [id, basis]]);
			this.tracked.take(id, index, mask, basis);
		}
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
		return this.tracked.staleFrom(target, marksOf(this.#said, target));
	}

	toJSON(): PromptingJSON {
		const times = this.#player.info?.times;
		const marks = [...this.#said.marks].flatMap(([target, own]) =>
			[...own].map((entry) => [target, ...entry] as const)
		);
		return {
			version: 2,
			targets: this.targets,
			marks: !times
				? []
				: marks.map(([target, index, { revision, prompts, base, score }]) => {
						const made = prompts.length > 0 ? this.#answers.at(target, index) : undefined;
						return {
							target,
							time: times[index]!,
							revision,
							prompts,
							base,
							mask: made?.mask,
							score: made?.score ?? score
						};
					}),
			last: { target: this.#lastTarget, revision: this.#lastRevision },
			searches: !times
				? []
				: [...this.#said.searches].map(([index, search]) => ({ time: times[index]!, ...search }))
		};
	}

	/** Takes over what was saved for the clip that is open, in place of what is there; what was tracked stays. */
	restore({ targets, marks, searches, last }: PromptingJSON): void {
		this.#forget();
		const times = this.#player.info?.times;
		if (!times) return;
		let said: Said = { ...nothingSaid(), targets };
		for (const { target, time, revision, prompts, base, mask, score } of marks) {
			const own: Marks = { revision, prompts, base, score };
			if (mask) this.#answers.keep(own, { mask, score });
			said = withMarks(said, target, nearest(times, time), own);
		}
		const found = searches.map(({ time, ...search }): [number, Search] => [nearest(times, time), search]);
		said = { ...said, searches: new Map(found) };
		this.#lastTarget = last.target;
		this.#lastRevision = last.revision;
		this.#chosen = targets.at(-1)!.id;
		this.#follow(newHistory(said));
	}

	/** Forgets everything, for another clip. */
	reset(): void {
		this.#forget();
		this.tracked.clear();
	}

	#forget(): void {
		this.#clip = ++clips;
		this.#answers.reset();
		this.#hover.ask(undefined);
		this.#history = newHistory(nothingSaid());
		this.#lastTarget = this.#chosen = 1;
		this.#bases = new Map();
		this.#error = this.latency = this.notice = undefined;
		this.#edits++;
	}

	/** Drops what is on its way. */
	close(): void {
		this.#hover.ask(undefined);
	}

	/** To be told when a mask is drawn: marks the first time as `mask-drawn`, and measures the time since its prompt as `click-to-mask`. */
	drawn({ mask, askedAt }: ShownMask): void {
		if (this.#measured.has(mask)) return;
		this.#measured.add(mask);
		performance.mark('mask-drawn');
		if (askedAt === undefined) return;
		this.latency = performance.measure('click-to-mask', { start: askedAt, end: performance.now() }).duration;
	}

	#find(id: number): Target | undefined {
		return this.targets.find((target) => target.id === id);
	}

	/** What would be said about the active target on the shown frame with one prompt more. */
	#marksWith(prompt: Prompt, revision = ++this.#lastRevision): Marks {
		const { index } = this.#player;
		const before = marksOf(this.#said, this.active).get(index);
		const tracked = before || !this.#segments.refines ? undefined : this.tracked.at(this.active, index);
		const base = before ? before.base : tracked && maskArea(tracked) > 0 ? tracked : undefined;
		return { revision, prompts: [...(before?.prompts ?? noPrompts), prompt], base };
	}

	async #search(concept: Concept, name?: string, replaces?: Search): Promise<number> {
		const { index, info } = this.#player;
		if (!info || this.frozen) return 0;
		const clip = this.#clip;
		this.finding = true;
		this.notice = this.#error = undefined;
		try {
			const answer = await this.#segments.detect(this.#frame(index), concept);
			if (!answer || clip !== this.#clip || this.frozen) return 0;
			if (answer.found.length === 0) this.notice = 'no-match';
			else {
				const { said, targets, tooMany } = withFound(this.#said, {
					...{ index, concept, name, replaces, found: answer.found },
					maskOf: (target) => this.maskOf(target, index)?.mask,
					newTarget: () => ++this.#lastTarget,
					newRevision: () => ++this.#lastRevision
				});
				this.#edit(said);
				this.choose(targets[0]!);
				if (tooMany) this.notice = 'too-many';
			}
			return answer.found.length;
		} catch (error) {
			if (clip === this.#clip) this.#error = shownError(error);
			return 0;
		} finally {
			this.finding = false;
		}
	}

	#edit(said: Said, askedAt?: number): void {
		if (this.frozen) return;
		this.#follow(record(this.#history, said), askedAt);
	}

	#revert(history: History<Said> | undefined): void {
		if (history && !this.frozen) this.#follow(history);
	}

	/** Makes another state the present one, and brings the masks of what differs up to it. */
	#follow(history: History<Said>, askedAt?: number): void {
		const before = this.#said;
		this.#history = history;
		this.#edits++;
		this.#error = this.notice = undefined;
		for (const target of new Set([...before.marks.keys(), ...this.#said.marks.keys()])) {
			const [old, now] = [marksOf(before, target), marksOf(this.#said, target)];
			if (old === now) continue;
			for (const index of new Set([...old.keys(), ...now.keys()])) {
				if (old.get(index) === now.get(index)) continue;
				this.#answers.update(target, () => this.#frame(index), index, now.get(index), askedAt);
			}
		}
	}

	#shownMask({ id, colour, on }: Target, index: number): ShownMask | undefined {
		const about = { target: id, colour, on };
		if (marksOf(this.#said, id).has(index)) {
			const answer = this.#answers.at(id, index);
			if (answer) return { ...about, from: 'marks', ...answer };
		}
		const mask = this.tracked.at(id, index);
		return mask && { ...about, from: 'tracking', mask };
	}

	/** What is known of each target that is on. */
	#known(): KnownMasks[] {
		return this.targets
			.filter(({ on }) => on)
			.map(({ id }): KnownMasks => {
				const marks = marksOf(this.#said, id);
				const marked = (frame: number) => (marks.has(frame) ? this.#answers.at(id, frame)?.mask : undefined);
				const tracked = this.tracked.of(id);
				return {
					marked: [...marks.keys()].filter(marked),
					tracked: [...tracked.keys()],
					seen(frame) {
						const mask = marked(frame);
						const isEmpty = mask ? maskArea(mask) === 0 : tracked.get(frame)?.mask.isEmpty;
						return isEmpty === undefined ? undefined : isEmpty ? 'empty' : 'seen';
					},
					at: (frame) => marked(frame) ?? this.tracked.at(id, frame)
				};
			});
	}

	#frame(index: number): PromptedFrame {
		const { width, height, times } = this.#player.info!;
		return {
			key: `${this.#clip}:${index}`,
			time: times[index]!,
			clip: this.serverClip,
			size: { width, height },
			picture: () => this.#player.frame(index)
		};
	}
}

function sameMask(a: ShownMask, b: ShownMask): boolean {
	if (a.target !== b.target || a.on !== b.on || a.colour !== b.colour || a.from !== b.from) return false;
	return a.mask === b.mask && a.askedAt === b.askedAt;
}
