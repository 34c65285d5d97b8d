/** What was there before each edit that can be undone, and after each that was undone and can be done again. Immutable. */
export interface History<T> {
	readonly past: readonly T[];
	readonly present: T;
	readonly future: readonly T[];
}

export function newHistory<T>(present: T): History<T> {
	return { past: [], present, future: [] };
}

/** After a new edit; what was undone can no longer be redone. */
export function record<T>({ past, present }: History<T>, next: T): History<T> {
	return { past: [...past, present], present: next, future: [] };
}

/** Undefined when there is nothing to undo. */
export function undo<T>({ past, present, future }: History<T>): History<T> | undefined {
	if (past.length === 0) return undefined;
	return { past: past.slice(0, -1), present: past.at(-1)!, future: [present, ...future] };
}

/** Undefined when there is nothing to redo. */
export function redo<T>({ past, present, future }: History<T>): History<T> | undefined {
	const [next, ...later] = future;
	return next && { past: [...past, present], present: next, future: later };
}
