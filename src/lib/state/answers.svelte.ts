/* eslint-disable svelte/prefer-svelte-reactivity -- `changes` tells what shows them */
import type { RunLengthMask } from '$models/mask.ts';
import type { ErrorBody } from '$protocol/errors.ts';
import type { PromptedFrame } from '$workers/segment/client.ts';
import type { Segments } from './segments.ts';
import { shownError } from './shown-error.ts';
import type { Marks } from './targets.ts';

/** The mask of a target on a frame. */
export interface Answer {
	readonly mask: RunLengthMask;
	/** How sure it is, 0 to 1. */
	readonly score?: number;
	/** When the newest of its prompts was given (`performance.now()`); absent when it was not just asked for. */
	readonly askedAt?: number;
}

/** Gets masks made of marks, and keeps them: no mask is asked for twice. */
export class Answers {
	error = $state.raw<ErrorBody>();
	/** The segmenter that answered last, by its own name. */
	engine = $state<string>();
	/** Grows with every change of what is shown. */
	changes = $state(0);
	#waiting = $state(0);
	#count = 0;

	/** The marks whose mask is wanted, and the mask that is there until it comes, by target and frame. */
	readonly #wanted = new Map<string, Marks>();
	readonly #shown = new Map<string, Answer>();
	readonly #made = new WeakMap<Marks, Answer>();
	readonly #asked = new Set<Promise<void>>();

	constructor(private readonly segments: Pick<Segments, 'segment'>) {}

	get busy(): boolean {
		return this.#waiting > 0;
	}

	/** The newest mask of a target on a frame; of older marks while the segmenter is asked about newer ones. */
	at(target: number, index: number): Answer | undefined {
		void this.changes;
		return this.#shown.get(name(target, index));
	}

	/** The mask of marks, once it was made. */
	of(marks: Marks): Answer | undefined {
		void this.changes;
		const { base, score, prompts } = marks;
		return this.#made.get(marks) ?? (base && prompts.length === 0 ? { mask: base, score } : undefined);
	}

	/** Takes over a mask that was made before. */
	keep(marks: Marks, answer: Answer): void {
		this.#made.set(marks, answer);
	}

	/** Brings a target's mask up to its marks: at once when it was made before, else when the segmenter has answered. */
	update(target: number, frame: () => PromptedFrame, index: number, marks?: Marks, askedAt?: number): void {
		const key = name(target, index);
		this.error = undefined;
		if (marks) this.#wanted.set(key, marks);
		else this.#wanted.delete(key);
		const made = marks && this.of(marks);
		if (!marks || made) {
			this.#show(key, made);
			return;
		}
		const current = () => this.#wanted.get(key) === marks;
		const asked = this.#ask(target, frame(), marks, current, (answer) =>
			this.#show(key, answer && { ...answer, askedAt })
		).finally(() => this.#asked.delete(asked));
		this.#asked.add(asked);
	}

	/** Resolves when every mask that was asked for is there, or failed. */
	async settled(): Promise<void> {
		while (this.#asked.size > 0) await Promise.all(this.#asked);
	}

	/** Forgets everything, even what is on its way. */
	reset(): void {
		this.#wanted.clear();
		this.#shown.clear();
		this.error = undefined;
		this.changes = ++this.#count;
	}

	async #ask(
		target: number,
		frame: PromptedFrame,
		marks: Marks,
		current: () => boolean,
		show: (answer: Answer | undefined) => void
	): Promise<void> {
		this.#waiting++;
		try {
			const answer = await this.segments.segment(frame, marks.prompts, marks.base, target);
			if (!answer) return;
			const { mask, score, engine } = answer;
			this.#made.set(marks, { mask, score });
			this.engine = engine;
			if (current()) show({ mask, score });
		} catch (error) {
			if (!current()) return;
			show(undefined);
			this.error = shownError(error);
		} finally {
			this.#waiting--;
		}
	}

	#show(key: string, answer: Answer | undefined): void {
		if (answer) this.#shown.set(key, answer);
		else this.#shown.delete(key);
		this.changes = ++this.#count;
	}
}

function name(target: number, index: number): string {
	return `${target}/${index}`;
}
