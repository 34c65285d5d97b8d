/** What one edit changed: for every key, the value before and after; undefined where there is none. */
export type Edit<Key, Value> = ReadonlyMap<Key, { readonly before?: Value; readonly after?: Value }>;

/** Edits that were done and can be undone, and those that were undone and can be done again. Immutable. */
export interface History<Key, Value> {
	readonly done: readonly Edit<Key, Value>[];
	readonly undone: readonly Edit<Key, Value>[];
}

export function emptyHistory<Key, Value>(): History<Key, Value> {
	return { done: [], undone: [] };
}

/** A new edit; what was undone can no longer be redone. */
export function record<Key, Value>({ done }: History<Key, Value>, edit: Edit<Key, Value>) {
	return { done: [...done, edit], undone: [] };
}

/** The history and the values after undoing the last edit; undefined when there is none. */
export function undo<Key, Value>(history: History<Key, Value>, values: ReadonlyMap<Key, Value>) {
	const edit = history.done.at(-1);
	if (!edit) return undefined;
	return {
		edit,
		history: { done: history.done.slice(0, -1), undone: [...history.undone, edit] },
		values: apply(values, edit, 'before')
	};
}

/** The history and the values after redoing the edit undone last; undefined when there is none. */
export function redo<Key, Value>(history: History<Key, Value>, values: ReadonlyMap<Key, Value>) {
	const edit = history.undone.at(-1);
	if (!edit) return undefined;
	return {
		edit,
		history: { done: [...history.done, edit], undone: history.undone.slice(0, -1) },
		values: apply(values, edit, 'after')
	};
}

/** Values with one side of an edit put in. */
export function apply<Key, Value>(
	values: ReadonlyMap<Key, Value>,
	edit: Edit<Key, Value>,
	side: 'before' | 'after'
): ReadonlyMap<Key, Value> {
	const next = new Map(values);
	for (const [key, change] of edit) {
		const value = change[side];
		if (value === undefined) next.delete(key);
		else next.set(key, value);
	}
	return next;
}
