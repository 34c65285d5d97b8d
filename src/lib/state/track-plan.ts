/** Frames from one number to another, both included. */
export type Range = readonly [first: number, last: number];

/** What is known of a target, as the plan needs it. */
export interface TargetCourse {
	readonly id: number;
	/** Frames on which something is said about it. */
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
 * What is to be tracked so that every target has masks that are up to date on every frame of a range. Targets about which nothing is
 * said are left out. First what lies on the way forward from where a target is known, then what lies before it.
 */
export function planTracking(targets: readonly TargetCourse[], [from, to]: Range): Stretch[] {
	const known = targets.filter(({ marked, tracked }) => marked.length > 0 || tracked.length > 0);
	const lacking = new Map<number, number[]>();
	for (const target of known)
		for (const [first, last] of gapsOf(target, [from, to]))
			for (let frame = first; frame <= last; frame++)
				lacking.set(frame, [...(lacking.get(frame) ?? []), target.id]);
	const stretches: { from: number; to: number; targets: readonly number[] }[] = [];
	for (let frame = from; frame <= to; frame++) {
		const ids = lacking.get(frame);
		const before = stretches.at(-1);
		if (!ids) continue;
		if (before?.to === frame - 1 && sameIds(before.targets, ids)) before.to = frame;
		else stretches.push({ from: frame, to: frame, targets: ids });
	}
	const start = Math.min(...known.flatMap(({ marked, tracked }) => [...marked, ...tracked.flat()]));
	return [
		...stretches.filter(({ to }) => to >= start),
		...stretches.filter(({ to }) => to < start).reverse()
	];
}

/** Stretches of a range in which a target has no mask that is up to date; one that is only marked does not divide them. */
function gapsOf({ marked, tracked, staleFrom = Infinity }: TargetCourse, [from, to]: Range): Range[] {
	const isFresh = (frame: number) =>
		frame < staleFrom && tracked.some(([first, last]) => frame >= first && frame <= last);
	const gaps: [number, number][] = [];
	let open: [number, number] | undefined;
	for (let frame = from; frame <= to; frame++) {
		if (isFresh(frame)) open = undefined;
		else if (open) open[1] = frame;
		else gaps.push((open = [frame, frame]));
	}
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

function sameIds(a: readonly number[], b: readonly number[]): boolean {
	return a.length === b.length && a.every((id, i) => id === b[i]);
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
