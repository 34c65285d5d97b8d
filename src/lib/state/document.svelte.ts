import { newHistory, record, redo, undo, type History } from './history.ts';
import { nothingSaid, type Said } from './targets.ts';

/** Everything that the user says, with undo. */
export class Document {
	/** Nothing can be changed, since another tab writes the session. */
	frozen = $state(false);
	/** Grows with every change. */
	changes = $state(0);
	#history = $state.raw<History<Said>>(newHistory(nothingSaid()));
	#count = 0;
	#lastTarget = 1;
	#lastRevision = 0;

	/** @param changed told of every change, and when it was asked for (`performance.now()`), if it just was */
	constructor(private readonly changed: (before: Said, askedAt?: number) => void) {}

	get said(): Said {
		return this.#history.present;
	}

	get canUndo(): boolean {
		return this.#history.past.length > 0;
	}

	get canRedo(): boolean {
		return this.#history.future.length > 0;
	}

	/** The highest id and revision that were ever given: neither is given twice. */
	get last(): { readonly target: number; readonly revision: number } {
		return { target: this.#lastTarget, revision: this.#lastRevision };
	}

	/** An id for a target. */
	newTarget = (): number => ++this.#lastTarget;
	/** A name for marks. */
	newRevision = (): number => ++this.#lastRevision;

	edit(said: Said, askedAt?: number): void {
		if (!this.frozen) this.#show(record(this.#history, said), askedAt);
	}

	undo(): void {
		const before = undo(this.#history);
		if (before && !this.frozen) this.#show(before);
	}

	redo(): void {
		const after = redo(this.#history);
		if (after && !this.frozen) this.#show(after);
	}

	/** Begins anew; what was said before cannot be had back. */
	begin(said: Said, last = { target: 1, revision: 0 }): void {
		this.#lastTarget = last.target;
		this.#lastRevision = last.revision;
		this.#show(newHistory(said));
	}

	#show(history: History<Said>, askedAt?: number): void {
		const before = this.said;
		this.#history = history;
		this.changes = ++this.#count;
		this.changed(before, askedAt);
	}
}
