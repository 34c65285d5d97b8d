import { maskArea, type RunLengthMask } from '$models/mask.ts';
import type { Concept, Example, Prompt } from '$models/segmenter.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import { Answers } from './answers.svelte.ts';
import { Document } from './document.svelte.ts';
import { Finder, type FindNotice } from './finder.svelte.ts';
import { Hover, type HoverQuestion } from './hover.svelte.ts';
import type { Player } from './player.svelte.ts';
import type { Segments } from './segments.ts';
import { shownError } from './shown-error.ts';
import { ShownMasks, topmostAt, type ShownMask } from './shown-masks.ts';
import {
	changedMarks,
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
	type Target
} from './targets.ts';
import { Tracked } from './tracked.svelte.ts';
import type { Point } from './viewport.svelte.ts';

export type Tool = 'pick' | 'point' | 'negative' | 'box' | 'brush' | 'eraser' | 'example';

const noPrompts: readonly Prompt[] = [];
const brushLimits = { smallest: 1, largest: 400 };

/** Tells one clip's frames from another's, whoever asks about them. */
let clips = 0;

/** What the user says about targets on every frame, with undo, and the masks that are shown of them. */
export class Marking {
	tool = $state<Tool>('point');
	/** In pixels of the clip. */
	brushRadius = $state(24);
	/** Milliseconds from the last prompt to its drawn mask. */
	latency = $state<number>();
	/** SHA-256 of the clip, once the server has all of it. */
	serverClip: string | undefined;
	/** The masks that tracking found. */
	readonly tracked = new Tracked();

	#chosen = $state(1);
	#error = $state.raw<ErrorBody>();

	protected readonly document = new Document((before, askedAt) => this.#changed(before, askedAt));
	protected readonly answers: Answers;
	readonly #segments: Segments;
	readonly #finder: Finder;
	readonly #hover: Hover;
	readonly #shown: ShownMasks;
	readonly #measured = new WeakSet<RunLengthMask>();
	#clip = ++clips;

	constructor(
		protected readonly player: Player,
		segments: Segments
	) {
		this.#segments = segments;
		this.answers = new Answers(segments);
		this.#finder = new Finder({
			...{ segments, document: this.document, frame: (index) => this.#frame(index) },
			maskOf: (target, index) => this.maskOf(target, index)?.mask,
			onFound: (target) => this.choose(target)
		});
		this.#hover = new Hover(segments, (at) => this.#questionAt(at));
		this.#shown = new ShownMasks(this.answers, this.tracked);
	}

	protected get said(): Said {
		return this.document.said;
	}

	/** Nothing can be added or taken back, since another tab writes the session. */
	get frozen(): boolean {
		return this.document.frozen;
	}

	set frozen(frozen: boolean) {
		this.document.frozen = frozen;
	}

	get canUndo(): boolean {
		return this.document.canUndo;
	}

	get canRedo(): boolean {
		return this.document.canRedo;
	}

	/** Things are being looked for. */
	get finding(): boolean {
		return this.#finder.busy;
	}

	/** What finding came to, where that needs to be said. */
	get notice(): FindNotice | undefined {
		return this.#finder.notice;
	}

	get busy(): boolean {
		return this.answers.busy || this.finding;
	}

	get error(): ErrorBody | undefined {
		return this.#finder.error ?? this.answers.error ?? this.#error;
	}

	/** The segmenter that answered last, by its own name. */
	get engine(): string | undefined {
		return this.answers.engine;
	}

	/** Grows with every change of targets, prompts or the masks made of them; tracked masks have `tracked.changes`. */
	get changes(): number {
		return this.document.changes + this.answers.changes;
	}

	/** Grows with every change of what a matte is made from. */
	get version(): number {
		return this.changes + this.tracked.changes;
	}

	/** All targets, in the order in which they are listed; at least one. */
	get targets(): readonly Target[] {
		return this.said.targets;
	}

	/** The id of the target that prompts are about. */
	get active(): number {
		return this.#find(this.#chosen)?.id ?? this.targets.at(-1)!.id;
	}

	/** Frames on which something is said about any target, in order. */
	get frames(): readonly number[] {
		return markedFrames(this.said);
	}

	/** Whether anything is said on the frame that the player is at. */
	get here(): boolean {
		return this.frames.includes(this.player.index);
	}

	/** Frames on which something is said about a target, in order. */
	framesOf(target: number): readonly number[] {
		return [...marksOf(this.said, target).keys()].sort((a, b) => a - b);
	}

	promptsAt(index: number, target = this.active): readonly Prompt[] {
		return marksOf(this.said, target).get(index)?.prompts ?? noPrompts;
	}

	/** The examples that are looked for on a frame, or were last. */
	examplesAt(index: number): readonly Example[] {
		return this.#finder.examplesAt(index);
	}

	/** The masks of all targets on a frame, in their order. What is said counts before what was tracked. */
	masksAt(index: number): readonly ShownMask[] {
		return this.#shown.at(this.said, index);
	}

	/** The mask that is shown of a target on a frame. */
	maskOf(target: number, index: number): ShownMask | undefined {
		return this.masksAt(index).find((shown) => shown.target === target);
	}

	/**
	 * A new target, about which nothing is said yet; it becomes the active one. Where there are as many as there can be, `notice` says so.
	 * @returns its id, if there is one
	 */
	addTarget(name?: string): number | undefined {
		if (this.frozen) return undefined;
		if (this.targets.length >= mostTargets) {
			this.#finder.notice = 'too-many';
			return undefined;
		}
		const id = this.document.newTarget();
		this.document.edit(withTarget(this.said, { id, name, colour: freeColour(this.targets), on: true }));
		this.choose(id);
		return id;
	}

	choose(id: number): void {
		this.#chosen = id;
		this.hover(undefined);
	}

	setOn(id: number, on: boolean): void {
		if (this.#find(id)?.on === on) return;
		this.document.edit(changeTarget(this.said, id, { on }));
	}

	/** Takes a target into the matte, and makes it the active one, or drops it from there. */
	toggle(id: number): void {
		const on = !this.#find(id)?.on;
		this.setOn(id, on);
		if (on) this.choose(id);
	}

	/**
	 * The same for the thing that lies on top under a click.
	 * @returns whether there was one
	 */
	toggleAt(x: number, y: number): boolean {
		const top = topmostAt(this.masksAt(this.player.index), { x, y });
		if (top) this.toggle(top.target);
		return top !== undefined;
	}

	/** Takes all targets into the matte, or drops them from there. */
	setAllOn(on: boolean): void {
		const targets = this.targets.map((target) => ({ ...target, on }));
		if (this.targets.some((target) => target.on !== on)) this.document.edit({ ...this.said, targets });
	}

	/** @param name empty to call it by its number again */
	rename(id: number, name: string): void {
		const given = name.trim() || undefined;
		if (this.#find(id)?.name !== given) this.document.edit(changeTarget(this.said, id, { name: given }));
	}

	/** Removes a target and all that is said about it; it can be undone. */
	remove(id: number): void {
		this.document.edit(withoutTarget(this.said, id, this.document.newTarget));
	}

	/**
	 * Adds a prompt about the active target to the frame that the player is at. Where the target was tracked, it corrects the mask there, if the
	 * segmenter can.
	 */
	add(prompt: Prompt): void {
		const { active } = this;
		const { index } = this.player;
		const marks = this.#marksWith(prompt);
		this.document.edit(
			withMarks(changeTarget(this.said, active, { on: true }), active, index, marks),
			performance.now()
		);
	}

	/**
	 * Finds everything on the shown frame that a concept describes, each thing a target of its own, surest first; where nothing is like it,
	 * nothing changes and `notice` says so.
	 * @param name what the user calls it
	 * @returns how many of the things found are targets now
	 */
	async find(concept: Concept, name?: string): Promise<number> {
		return this.#found((index) => this.#finder.find({ index, concept, name }));
	}

	/** Adds a thing that is meant, or one that is not, to what is or was looked for on the shown frame, and looks again. */
	async addExample(example: Example): Promise<number> {
		return this.#found((index) => this.#finder.addExample(index, example));
	}

	async #found(find: (index: number) => Promise<number>): Promise<number> {
		if (!this.player.info || this.frozen) return 0;
		const count = await find(this.player.index);
		this.#hover.again();
		return count;
	}

	/** The mask that a click would give where the pointer rests. */
	get preview(): RunLengthMask | undefined {
		return this.player.info && this.#hover.on(this.#frame(this.player.index).key);
	}

	/** Asks for a preview where the pointer rests, now and again when something else was said, or takes it away. */
	hover(at: Point | undefined): void {
		this.#hover.rest(at);
	}

	/**
	 * Makes the frame that the player is at ready, so that the first prompt on it is answered fast. The segmenter starts with this, not
	 * before: what it costs must not hold up the first picture.
	 */
	async prepare(): Promise<void> {
		const { index, info } = this.player;
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
		const { index } = this.player;
		const { active, targets } = this;
		const marked = targets.filter(({ id }) => marksOf(this.said, id).has(index)).map(({ id }) => id);
		const cleared = marked.includes(active) ? [active] : marked;
		if (cleared.length === 0) return;
		this.document.edit(cleared.reduce((said, id) => withMarks(said, id, index, undefined), this.said));
	}

	/** Takes back everything, the targets too; it can be undone. */
	clear(): void {
		const { targets, frames } = this;
		if (frames.length > 0 || targets.length > 1) this.document.edit(nothingSaid(this.document.newTarget()));
	}

	undo(): void {
		this.document.undo();
	}

	redo(): void {
		this.document.redo();
	}

	/** Resolves when every mask that was asked for is there, or failed, and all that shows masks was told of them. */
	async settled(): Promise<void> {
		await this.answers.settled();
		this.tracked.flush();
	}

	/** Begins anew with what is said of the clip that is open. */
	protected begin(said: Said, last?: Document['last']): void {
		this.#clip = ++clips;
		this.answers.reset();
		this.#finder.forget();
		this.hover(undefined);
		this.#error = this.latency = undefined;
		this.document.begin(said, last);
		this.#chosen = said.targets.at(-1)!.id;
	}

	/** Drops what is on its way. */
	close(): void {
		this.hover(undefined);
		this.#finder.forget();
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
	#marksWith(prompt: Prompt, revision = this.document.newRevision()): Marks {
		const { index } = this.player;
		const before = marksOf(this.said, this.active).get(index);
		const tracked = before || !this.#segments.refines ? undefined : this.tracked.at(this.active, index);
		const base = before ? before.base : tracked && maskArea(tracked) > 0 ? tracked : undefined;
		return { revision, prompts: [...(before?.prompts ?? noPrompts), prompt], base };
	}

	/** What a click at a place would say; undefined where a preview is not to be had. */
	#questionAt(at: Point): HoverQuestion | undefined {
		const pointing = this.tool === 'point' || this.tool === 'negative';
		if (!pointing || !this.#segments.hovers || this.frozen || this.busy || !this.player.info)
			return undefined;
		const marks = this.#marksWith({ kind: 'point', ...at, positive: this.tool === 'point' }, 0);
		return { frame: this.#frame(this.player.index), marks };
	}

	/** Brings the masks of what differs up to what is said now. */
	#changed(before: Said, askedAt?: number): void {
		this.#error = undefined;
		this.#finder.clear();
		this.#hover.drop();
		for (const { target, index, marks } of changedMarks(before, this.said))
			this.answers.update(target, () => this.#frame(index), index, marks, askedAt);
		void this.answers.settled().then(() => this.#hover.again());
	}

	#frame(index: number): PromptedFrame {
		const { width, height, times } = this.player.info!;
		return {
			key: `${this.#clip}:${index}`,
			time: times[index]!,
			clip: this.serverClip,
			size: { width, height },
			picture: () => this.player.frame(index)
		};
	}
}
