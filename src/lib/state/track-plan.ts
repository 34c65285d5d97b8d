/** Frames from one number to another, both included. */
export type Range = readonly [first: number, last: number];

/** What is known of a target, as the plan needs it. */
export interface TargetCourse {
	readonly id: number;
	/** Frames that it can be followed from, as it is marked there. */
	readonly marked: readonly number[];
	/** Stretches of frames that are tracked, in order. */
	readonly tracked: readonly Range[];
	/** The first frame whose tracked masks are out of date. */
	readonly staleFrom?: number;
}

/** Frames that lack masks of the same targets. */
export interface Stretch {
	readonly from: number;
	readonly to: number;
	/** The targets' ids, in order. */
	readonly targets: readonly number[];
}

/**
 * What is to be tracked so that every target has masks that are up to date on every frame of a range. Targets that are marked nowhere are
 * left out. First what lies on the way forward from where a target is known, then what lies before it.
 */
export function planTracking(targets: readonly TargetCourse[], range: Range): Stretch[] {
	const known = targets.filter(({ marked }) => marked.length > 0);
	const gaps = known.flatMap((target) =>
		gapsOf(target, range).map(([first, last]) => ({ id: target.id, first, last }))
	);
	// From one of these frames to the next, the same targets lack masks.
	const cuts = [...new Set(gaps.flatMap(({ first, last }) => [first, last + 1]))].sort((a, b) => a - b);
	const stretches = cuts.flatMap((from, i): Stretch[] => {
		const lacking = gaps.filter(({ first, last }) => first <= from && from <= last);
		return lacking.length === 0 ? [] : [{ from, to: cuts[i + 1]! - 1, targets: lacking.map(({ id }) => id) }];
	});
	const start = Math.min(...known.flatMap(({ marked, tracked }) => [...marked, ...tracked.flat()]));
	return [
		...stretches.filter(({ to }) => to >= start),
		...stretches.filter(({ to }) => to < start).reverse()
	];
}

/** Stretches of a range in which a target has no mask that is up to date, other than those on which it is marked throughout. */
function gapsOf({ marked, tracked, staleFrom }: TargetCourse, [from, to]: Range): Range[] {
	const gaps: Range[] = [];
	let next = from;
	for (const [first, last] of freshAndStale(tracked, staleFrom).fresh) {
		if (next < first && next <= to) gaps.push([next, Math.min(first - 1, to)]);
		next = Math.max(next, last + 1);
	}
	if (next <= to) gaps.push([next, to]);
	return gaps.filter(([first, last]) => last - first >= marked.filter((f) => f >= first && f <= last).length);
}

/**
 * The frames of a stretch in the order in which they are tracked: forward from the first that is known, then backward from there.
 * @param start the first frame on which one of the targets is known
 */
export function doneOf({ from, to }: Stretch, start: number, done: number): Range[] {
	const first = Math.min(Math.max(start, from), to + 1);
	const forward = Math.min(done, to - first + 1);
	const backward = done - forward;
	const ranges: Range[] = [];
	if (forward > 0) ranges.push([first, first + forward - 1]);
	if (backward > 0) ranges.push([Math.max(from, first - backward), first - 1]);
	return ranges;
}

/** Frames of a stretch. */
export function lengthOf({ from, to }: Stretch): number {
	return to - from + 1;
}

/** Tracked stretches, divided into what is up to date and what is not. */
export function freshAndStale(
	tracked: readonly Range[],
	staleFrom = Infinity
): { readonly fresh: readonly Range[]; readonly stale: readonly Range[] } {
	return {
		fresh: tracked
			.filter(([first]) => first < staleFrom)
			.map(([first, last]) => [first, Math.min(last, staleFrom - 1)]),
		stale: tracked
			.filter(([, last]) => last >= staleFrom)
			.map(([first, last]) => [Math.max(first, staleFrom), last])
	};
}
