/** One way to read a part of a text. */
export interface Reading<T> {
	readonly value: T;
	/** Where the part ends. */
	readonly end: number;
	/** How unlikely it is: about one for every word, more where words do not fit together. */
	readonly cost: number;
}

/** Says how the parts that begin at a place can be read. */
export type Rule<T> = (at: number) => readonly Reading<T>[];

/** Readings of one part that are followed up: the cheapest ones of each end. */
const KEPT = 4;

/** Remembers what a rule has read, and keeps the cheapest readings. */
export function remember<T>(rule: Rule<T>): Rule<T> {
	const known = new Map<number, readonly Reading<T>[]>();
	return (at) => {
		let readings = known.get(at);
		if (!readings) known.set(at, (readings = cheapest(rule(at))));
		return readings;
	};
}

function cheapest<T>(readings: readonly Reading<T>[]): Reading<T>[] {
	const sorted = [...readings].sort((a, b) => a.cost - b.cost);
	const taken = new Map<number, number>();
	return sorted.filter(({ end }) => {
		const count = taken.get(end) ?? 0;
		taken.set(end, count + 1);
		return count < KEPT;
	});
}

/** One rule after another. */
export function sequence<A, B, C>(
	first: Rule<A>,
	second: Rule<B>,
	join: (a: A, b: B) => C,
	extraCost: (a: A, b: B) => number = () => 0
): Rule<C> {
	return (at) =>
		first(at).flatMap((a) =>
			second(a.end).map((b) => ({
				value: join(a.value, b.value),
				end: b.end,
				cost: a.cost + b.cost + extraCost(a.value, b.value)
			}))
		);
}

export function either<T>(...rules: readonly Rule<T>[]): Rule<T> {
	return (at) => rules.flatMap((rule) => rule(at));
}

export function map<A, B>(
	rule: Rule<A>,
	change: (a: A) => B,
	extraCost: (a: A) => number = () => 0
): Rule<B> {
	return (at) =>
		rule(at).map(({ value, end, cost }) => ({ value: change(value), end, cost: cost + extraCost(value) }));
}

/** What a rule reads, or nothing. */
export function optional<T>(rule: Rule<T>): Rule<T | undefined> {
	return (at) => [...rule(at), { value: undefined, end: at, cost: 0 }];
}

/** What a rule reads, once or more often, with what may stand between. */
export function many<T>(rule: Rule<T>, between: Rule<unknown> = nothing): Rule<readonly T[]> {
	const all: Rule<readonly T[]> = remember((at) =>
		rule(at).flatMap((first) => [
			{ ...first, value: [first.value] },
			...between(first.end).flatMap((gap) =>
				all(gap.end).map((rest) => ({
					value: [first.value, ...rest.value],
					end: rest.end,
					cost: first.cost + gap.cost + rest.cost
				}))
			)
		])
	);
	return all;
}

/** Reads nothing, which always works. */
export const nothing: Rule<undefined> = (at) => [{ value: undefined, end: at, cost: 0 }];
