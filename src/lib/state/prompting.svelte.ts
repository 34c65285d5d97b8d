/* eslint-disable svelte/prefer-svelte-reactivity -- maps are replaced here, never changed */
import { maskArea, type RunLengthMask } from '$models/mask.ts';
import type { Prompt } from '$models/segmenter.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { Keyframe } from '$protocol/schema.ts';
import { nearest } from '$workers/media/nearest.ts';
import { SegmentClient, type PromptedFrame } from '$workers/segment/client.ts';
import { apply, emptyHistory, record, redo, undo, type Edit, type History } from './history.ts';
import type { Player } from './player.svelte.ts';
import { shownError } from './shown-error.ts';

export const tools = ['point', 'negative', 'box', 'brush', 'eraser'] as const;
export type Tool = (typeof tools)[number];

/** All prompts of one frame. A list is never changed, so it also names the mask that was made from it. */
type Prompts = readonly Prompt[];

/** The mask that is shown on a frame. */
export interface FrameMask {
	readonly mask: RunLengthMask;
	/** What it was made from; while these are not the frame's prompts, a newer mask is on its way. */
	readonly prompts: Prompts;
	/** When its newest prompt was given (`performance.now()`); absent when it was not just asked for. */
	readonly askedAt?: number;
}

/** Prompts and masks as they are saved. */
export interface PromptingJSON {
	readonly version: 1;
	readonly frames: readonly {
		/** Seconds after the first frame. */
		readonly time: number;
		readonly prompts: Prompts;
		readonly mask?: RunLengthMask;
	}[];
}

/** What prompting needs of `SegmentClient`. */
export type Segments = Pick<SegmentClient, 'info' | 'segment' | 'prepare' | 'close'>;

const none: Prompts = [];
const brushLimits = { smallest: 1, largest: 400 };

/** What the user says about the target on every frame, with undo, and the masks that the segmenter makes of it. */
export class Prompting {
	tool = $state<Tool>('point');
	/** In pixels of the clip. */
	brushRadius = $state(24);
	error = $state.raw<ErrorBody>();
	/** The segmenter that answers, by its own name. */
	engine = $state<string>();
	/** Milliseconds from the last prompt to its drawn mask. */
	latency = $state<number>();
	/** Nothing can be added or taken back, since another tab writes the session. */
	frozen = $state(false);
	/** Grows with every change of prompts or masks. */
	changes = $state(0);

	#prompts = $state.raw<ReadonlyMap<number, Prompts>>(new Map());
	#masks = $state.raw<ReadonlyMap<number, FrameMask>>(new Map());
	#history = $state.raw<History<number, Prompts>>(emptyHistory());
	#waiting = $state(0);

	readonly busy = $derived(this.#waiting > 0);
	readonly canUndo = $derived(this.#history.done.length > 0);
	readonly canRedo = $derived(this.#history.undone.length > 0);
	/** Whether a frame has a mask with something in it. */
	readonly ready = $derived([...this.#masks.values()].some(({ mask }) => maskArea(mask) > 0));
	/** Frames with prompts, in order. */
	readonly frames = $derived([...this.#prompts.keys()].sort((a, b) => a - b));

	readonly #player: Player;
	readonly #segments: Segments;
	readonly #made = new WeakMap<Prompts, RunLengthMask>();
	readonly #asked = new Set<Promise<void>>();
	readonly #measured = new WeakSet<FrameMask>();
	#clip = 0;
	#count = 0;

	constructor(player: Player, segments: Segments = new SegmentClient()) {
		this.#player = player;
		this.#segments = segments;
	}

	/** Whether the frame that the player is at has prompts. */
	get here(): boolean {
		return this.#prompts.has(this.#player.index);
	}

	promptsAt(index: number): Prompts {
		return this.#prompts.get(index) ?? none;
	}

	maskAt(index: number): FrameMask | undefined {
		return this.#masks.get(index);
	}

	/** Adds a prompt to the frame that the player is at. */
	add(prompt: Prompt): void {
		const index = this.#player.index;
		const before = this.#prompts.get(index);
		this.#edit(new Map([[index, { before, after: [...(before ?? none), prompt] }]]), performance.now());
	}

	/**
	 * Makes the frame that the player is at ready, so that the first prompt on it is answered fast. The segmenter starts with this, not
	 * before: what it costs must not hold up the first picture.
	 */
	async prepare(): Promise<void> {
		if (!this.#player.info) return;
		try {
			this.engine ??= (await this.#segments.info()).engine;
			if (this.#player.info) await this.#segments.prepare(this.#frame(this.#player.index));
		} catch (error) {
			this.error = shownError(error);
		}
	}

	resizeBrush(factor: number): void {
		const { smallest, largest } = brushLimits;
		this.brushRadius = Math.min(largest, Math.max(smallest, this.brushRadius * factor));
	}

	clearFrame(): void {
		const before = this.#prompts.get(this.#player.index);
		if (before) this.#edit(new Map([[this.#player.index, { before }]]));
	}

	/** Clears all frames; it can be undone. */
	clear(): void {
		if (this.#prompts.size === 0) return;
		this.#edit(new Map([...this.#prompts].map(([index, before]) => [index, { before }])));
	}

	undo(): void {
		this.#revert(undo(this.#history, this.#prompts));
	}

	redo(): void {
		this.#revert(redo(this.#history, this.#prompts));
	}

	/** The frames whose masks say something, in order. */
	keyframes(): Keyframe[] {
		const times = this.#player.info?.times;
		if (!times) return [];
		return this.frames.flatMap((index) => {
			const mask = this.#masks.get(index)?.mask;
			return mask && maskArea(mask) > 0 ? [{ time: times[index]!, mask }] : [];
		});
	}

	/** Resolves when every mask that was asked for is there, or failed. */
	async settled(): Promise<void> {
		while (this.#asked.size > 0) await Promise.all(this.#asked);
	}

	toJSON(): PromptingJSON {
		const times = this.#player.info?.times;
		const frames = times
			? [...this.#prompts].map(([index, prompts]) => ({
					time: times[index]!,
					prompts,
					mask: this.#masks.get(index)?.mask
				}))
			: [];
		return { version: 1, frames };
	}

	/** Takes over what was saved for the clip that is open, in place of what is there. */
	restore({ frames }: PromptingJSON): void {
		this.reset();
		const times = this.#player.info?.times;
		if (!times) return;
		const saved = frames.map((frame) => ({ ...frame, index: nearest(times, frame.time) }));
		this.#prompts = new Map(saved.map(({ index, prompts }) => [index, prompts]));
		for (const { index, prompts, mask } of saved) {
			if (mask) this.#made.set(prompts, mask);
			this.#update(index);
		}
	}

	/** Forgets everything, for another clip. */
	reset(): void {
		this.#clip++;
		this.#prompts = new Map();
		this.#masks = new Map();
		this.#history = emptyHistory();
		this.error = undefined;
		this.latency = undefined;
		this.changes = ++this.#count;
	}

	close(): void {
		this.#segments.close();
	}

	/** To be told when a mask is drawn: marks the first time as `mask-drawn`, and measures the time since its prompt as `click-to-mask`. */
	drawn(mask: FrameMask): void {
		if (this.#measured.has(mask)) return;
		this.#measured.add(mask);
		performance.mark('mask-drawn');
		if (mask.askedAt === undefined) return;
		const end = performance.now();
		this.latency = performance.measure('click-to-mask', { start: mask.askedAt, end }).duration;
	}

	#edit(edit: Edit<number, Prompts>, askedAt?: number): void {
		if (this.frozen) return;
		this.#history = record(this.#history, edit);
		this.#prompts = apply(this.#prompts, edit, 'after');
		for (const index of edit.keys()) this.#update(index, askedAt);
	}

	#revert(step: ReturnType<typeof undo<number, Prompts>>): void {
		if (!step || this.frozen) return;
		this.#history = step.history;
		this.#prompts = step.values;
		for (const index of step.edit.keys()) this.#update(index);
	}

	/** Brings a frame's mask up to its prompts: at once when it was made before, else when the segmenter has answered. */
	#update(index: number, askedAt?: number): void {
		this.changes = ++this.#count;
		this.error = undefined;
		const prompts = this.#prompts.get(index);
		const mask = prompts && this.#made.get(prompts);
		if (!prompts) this.#setMask(index, undefined);
		else if (mask) this.#setMask(index, { mask, prompts });
		else {
			const asked = this.#ask(index, prompts, askedAt).finally(() => this.#asked.delete(asked));
			this.#asked.add(asked);
		}
	}

	async #ask(index: number, prompts: Prompts, askedAt?: number): Promise<void> {
		const clip = this.#clip;
		const current = () => this.#clip === clip && this.#prompts.get(index) === prompts;
		this.#waiting++;
		try {
			const answer = await this.#segments.segment(this.#frame(index), prompts);
			if (!answer) return;
			this.#made.set(prompts, answer.mask);
			this.engine = answer.engine;
			if (current()) this.#setMask(index, { mask: answer.mask, prompts, askedAt });
		} catch (error) {
			if (!current()) return;
			this.#setMask(index, undefined);
			this.error = shownError(error);
		} finally {
			this.#waiting--;
		}
	}

	#setMask(index: number, mask: FrameMask | undefined): void {
		const masks = new Map(this.#masks);
		if (mask) masks.set(index, mask);
		else masks.delete(index);
		this.#masks = masks;
		this.changes = ++this.#count;
	}

	#frame(index: number): PromptedFrame {
		const { width, height } = this.#player.info!;
		return {
			key: `${this.#clip}:${index}`,
			size: { width, height },
			picture: () => this.#player.frame(index)
		};
	}
}
